import { expect, it } from 'vitest';
import { shownClient } from '../../../src/oauth/clients/client-shown-on-pages.ts';
import { clientOf } from './client-value.ts';

it('a person is shown the name of the client, and its links where it has them', () => {
  expect(shownClient(clientOf({ client_name: 'App' }))).toEqual({
    name: 'App',
    logoOf: undefined,
    policyUri: undefined,
    tosUri: undefined,
    isSelfRegistered: false,
  });
  const links = { policy_uri: 'https://app.example.com/policy', tos_uri: 'https://app.example.com/tos' };
  expect(shownClient(clientOf(links))).toMatchObject({ policyUri: links.policy_uri, tosUri: links.tos_uri });
});

it('a logo is named by its client: the address that the client gave reaches no page', () => {
  const shown = shownClient(clientOf({ logo_uri: 'https://app.example.com/logo.png' }));
  expect(shown.logoOf).toBe('app');
  expect(JSON.stringify(shown)).not.toContain('logo.png');
});

it('Y4 that nobody vouches for it is said', () => {
  expect(shownClient(clientOf({}, { registrationTokenHash: 'hash' })).isSelfRegistered).toBe(true);
});
