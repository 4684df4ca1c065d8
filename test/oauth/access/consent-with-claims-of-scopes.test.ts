/** Which claims somebody has allowed who allowed a scope. OpenID Connect Core §5.4 */
import { expect, it } from 'vitest';
import { createClaimCatalogue } from '../../../src/identity/claims/claims-by-scope-and-place.ts';
import { accessTo } from '../../../src/oauth/access/access-set-operations.ts';
import { allowedBy, claimsOfScopes } from '../../../src/oauth/access/consent-with-claims-of-scopes.ts';
import { claimsNamed } from '../../../src/oauth/access/members/individual-claims.ts';

const catalogue = createClaimCatalogue({ scopes: {}, claims: {} });

it('the claims of several scopes are those of each, once; a scope without claims adds none', () => {
  const email = ['email', 'email_verified'];
  const phone = ['phone_number', 'phone_number_verified'];
  expect([...claimsOfScopes(catalogue, ['phone', 'email', 'phone'])]).toEqual([...phone, ...email]);
  for (const scope of [[], ['openid', 'offline_access'], ['api:read', 'toString', 'Email']])
    expect([...claimsOfScopes(catalogue, scope)], scope.join()).toEqual([]);
});

it('a consent to a scope is one to its claims', () => {
  const allowed = allowedBy(catalogue, accessTo({ scope: ['email'], claims: claimsNamed(['name']) }));
  expect(allowed.claims.map(({ name }) => name)).toEqual(['email', 'email_verified', 'name']);
  expect(allowed.scope).toEqual(['email']);
});

it('a consent to a claim is none to a scope, and resources stay as they were allowed', () => {
  const consent = accessTo({
    scope: ['openid'],
    resources: ['https://api.example.com'],
    claims: claimsNamed(['email']),
  });
  expect(allowedBy(catalogue, consent)).toEqual(consent);
});
