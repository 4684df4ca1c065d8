/** The client information response. RFC 7592 §3 */
import { expect, it } from 'vitest';
import { loadSettings } from '../../../src/config/load-settings.ts';
import { informationOf } from '../../../src/oauth/requests/client-information-response.ts';
import { clientOf } from '../clients/client-value.ts';

const ISSUER = 'https://login.example.com';

it('RFC 7592 §3 is told with where and by which token it is managed, without what is the operator’s own', () => {
  const client = clientOf({ first_party: true }, { registrationTokenHash: 'hash' });
  const settings = { ...loadSettings({ environment: {} }), issuer: ISSUER };
  const told = informationOf({ settings }, { client }, 'the token');
  expect(told).toMatchObject({
    client_id: 'app',
    client_name: 'Test app',
    registration_client_uri: `${ISSUER}/register/app`,
    registration_access_token: 'the token',
  });
  for (const member of [
    'profile',
    'disabled',
    'first_party',
    'resources',
    'self_registered',
    'client_secret',
  ])
    expect(told, member).not.toHaveProperty(member);
});
