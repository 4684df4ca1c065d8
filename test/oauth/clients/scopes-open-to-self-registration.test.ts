/** The operator's scopes that apps which registered themselves may ask for. */
import { expect, it } from 'vitest';
import { openScopes } from '../../../src/oauth/clients/scopes-open-to-self-registration.ts';

it('the operator’s own scopes are open to apps that registered themselves where the operator allows it', () => {
  const own = {
    'api:read': { sentence: 'Read what you wrote', self_registration: true },
    'api:write': { sentence: undefined, self_registration: false },
    openid: { sentence: 'Know who you are', self_registration: false },
  };
  expect(openScopes(own)).toEqual(['api:read']);
});
