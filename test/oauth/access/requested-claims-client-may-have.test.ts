/** Which claims a person is asked for, and which a grant keeps: by the scopes of the request and of the client. */
import { expect, it } from 'vitest';
import { createClaimCatalogue } from '../../../src/identity/claims/claims-by-scope-and-place.ts';
import { claimsNamed } from '../../../src/oauth/access/members/individual-claims.ts';
import {
  askedClaims,
  claimsBeyondScope,
  claimsOfGrant,
} from '../../../src/oauth/access/requested-claims-client-may-have.ts';
import type { Client } from '../../../src/oauth/clients/client.ts';

const catalogue = createClaimCatalogue({ scopes: {}, claims: {} });
const clientOf = (scope: string) => ({ metadata: { scope } }) as Client;
const client = clientOf('openid email phone');
const request = {
  id_token: { email: null },
  userinfo: { email: { essential: true }, phone_number: { value: '1', essential: true }, name: null },
};

it('the person is asked for those that the scopes do not hold, once each, and the client may have', () => {
  expect(claimsBeyondScope(catalogue, client, ['openid'], request)).toEqual(
    claimsNamed(['email', 'phone_number']),
  );
  expect(claimsBeyondScope(catalogue, client, ['openid', 'email'], request)).toEqual(
    claimsNamed(['phone_number']),
  );
  expect(claimsBeyondScope(catalogue, client, ['openid', 'email', 'phone'], request)).toEqual([]);
});

it('a grant keeps places and values, not what is essential', () => {
  expect(claimsOfGrant(catalogue, client, request)).toEqual([
    { name: 'email', id_token: null, userinfo: null },
    { name: 'phone_number', userinfo: { value: '1', values: undefined } },
  ]);
  expect(claimsOfGrant(catalogue, client, undefined)).toEqual([]);
});

it('it releases in each place what was asked for there, as far as the client may have it now', () => {
  const kept = claimsOfGrant(catalogue, client, request);
  const namesIn = (place: 'id_token' | 'userinfo', now = client) =>
    askedClaims(catalogue, now, kept, place).map(({ definition }) => definition.name);
  expect(namesIn('id_token')).toEqual(['email']);
  expect(namesIn('userinfo')).toEqual(['email', 'phone_number']);
  expect(namesIn('userinfo', clientOf('openid phone'))).toEqual(['phone_number']);
});
