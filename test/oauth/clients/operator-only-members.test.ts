/** What the operator alone may say of a client, and what of it stays where the client says itself anew. RFC 7592 §2.2 */
import { expect, it } from 'vitest';
import { isOperatorsOwn, keptOf } from '../../../src/oauth/clients/operator-only-members.ts';
import { clientOf } from './client-value.ts';

it('what widens trust is the operator’s own, and what every client says of itself is not', () => {
  for (const member of [
    'first_party',
    'resources',
    'insecure_redirect_uris',
    'require_pkce',
    'id_token_claims',
  ])
    expect(isOperatorsOwn(member), member).toBe(true);
  for (const member of ['client_name', 'redirect_uris', 'scope', 'jwks', 'First_Party', '', 'constructor'])
    expect(isOperatorsOwn(member), member).toBe(false);
});

it('what was said stays, but for the trust in the app that it was', () => {
  const { metadata } = clientOf({
    first_party: true,
    resources: ['https://api.example.com'],
    strict_auth_method: true,
    refresh_is_activity: false,
  });
  expect(keptOf(metadata)).toEqual({
    resources: ['https://api.example.com'],
    strict_auth_method: true,
    refresh_is_activity: false,
  });
});

it('that PKCE is required stays, that it is not goes', () => {
  const { metadata } = clientOf();
  expect(keptOf({ ...metadata, require_pkce: true })).toMatchObject({ require_pkce: true });
  expect(keptOf({ ...metadata, require_pkce: false })).not.toHaveProperty('require_pkce');
  expect(keptOf(metadata)).not.toHaveProperty('require_pkce');
});
