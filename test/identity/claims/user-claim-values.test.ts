import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadSettings } from '../../../src/config/load-settings.ts';
import { createClaimCatalogue } from '../../../src/identity/claims/claims-by-scope-and-place.ts';
import { claimsOf } from '../../../src/identity/claims/user-claim-values.ts';
import { checkClaims } from '../../../src/identity/users/username-email-and-claim-rules.ts';
import { createUser, type User } from '../../../src/identity/users/users.ts';
import { type IdentityFixture, openIdentity, plainHasher, reasonOf } from '../identity-only.ts';

let identity: IdentityFixture;
beforeAll(async () => {
  identity = await openIdentity({ passwordHasher: plainHasher() });
});
afterAll(() => identity.close());

const address = { street_address: 'Gate 1', locality: 'Graz', country: 'Austria' };

const claimCatalogue = createClaimCatalogue(loadSettings({ environment: {} }));

/** What userinfo says by scopes alone. */
function claimsOfScopes(user: User, scopes: readonly string[]) {
  const definitions = scopes.flatMap((scope) => claimCatalogue.inPlace.userinfo.get(scope) ?? []);
  return claimsOf(user, definitions, undefined);
}

it('OpenID Connect Core §5.4 each scope gives its claims, in their JSON types, and no others', async () => {
  const claims = { name: 'Alice', address, phone_number: '+43 316 1', email_verified: true };
  const user = await identity.user('alice', { claims });
  expect(claimsOfScopes(user, ['openid'])).toEqual({});
  expect(claimsOfScopes(user, ['openid', 'profile'])).toEqual({
    name: 'Alice',
    preferred_username: 'alice',
    updated_at: Math.floor(identity.clock.nowMs() / 1000),
  });
  expect(claimsOfScopes(user, ['email'])).toEqual({ email: 'alice@example.com', email_verified: true });
  expect(claimsOfScopes(user, ['address', 'phone'])).toEqual({ address, phone_number: '+43 316 1' });
  expect(claimsOfScopes(user, ['constructor', '__proto__', 'toString'])).toEqual({});
});

it('OpenID Connect Core §5.1 an address that the operator stored is verified, unless the operator says otherwise', async () => {
  const user = await identity.user('berta');
  expect(claimsOfScopes(user, ['email'])).toEqual({ email: 'berta@example.com', email_verified: true });
  const doubtful = await identity.user('bodo', { claims: { email_verified: false } });
  expect(claimsOfScopes(doubtful, ['email'])).toMatchObject({ email_verified: false });
});

it('a claim of the operator’s that is called as a member of every object is one that people may not have', async () => {
  const GATEHOUSE_CLAIMS = JSON.stringify({ constructor: { from: 'attribute constructor' } });
  const GATEHOUSE_SCOPES = JSON.stringify({ profile: { claims: ['constructor'] } });
  const claimCatalogue = createClaimCatalogue(
    loadSettings({ environment: { GATEHOUSE_CLAIMS, GATEHOUSE_SCOPES } }),
  );
  expect(checkClaims({ claimCatalogue }, {})).toEqual({});
  expect(checkClaims({ claimCatalogue }, { constructor: 'Wright' })).toEqual({ constructor: 'Wright' });
});

it('RFC 7493 §2.2 a number that JSON cannot represent exactly is refused: two users could get the same', async () => {
  const GATEHOUSE_CLAIMS = JSON.stringify({ personnel: {} });
  const GATEHOUSE_SCOPES = JSON.stringify({ profile: { claims: ['personnel'] } });
  const claimCatalogue = createClaimCatalogue(
    loadSettings({ environment: { GATEHOUSE_CLAIMS, GATEHOUSE_SCOPES } }),
  );
  const storing = (personnel: unknown) => checkClaims({ claimCatalogue }, { personnel });
  for (const personnel of [JSON.parse('1234567890123456789'), [1, 2 ** 53], -1e300])
    expect(storing(personnel)).toMatchObject({
      refused: true,
      reason: 'malformed_claim',
      description: expect.stringContaining('write it between quotation marks'),
    });
  for (const personnel of [2 ** 53 - 1, 1.5, [-7, '1234567890123456789']])
    expect(storing(personnel)).toEqual({ personnel });
});

const refusedClaims: [string, unknown][] = [
  ['reserved_claim', { sub: 'somebody else' }],
  ['reserved_claim', { iss: 'https://evil.test' }],
  ['reserved_claim', { auth_time: 1 }],
  ['unknown_claim', { given_nam: 'Alice' }],
  ['malformed_claim', { email_verified: 'true' }],
  ['malformed_claim', { updated_at: '2026-01-01' }],
  ['malformed_claim', { address: 'Gate 1, Graz' }],
  ['malformed_claim', { profile: 'javascript:alert(1)' }],
  ['malformed_claim', { picture: 'data:text/html,x' }],
  ['malformed_claim', { phone_number_verified: 1 }],
  ['malformed_claim', { address: { street: 'Gate 1' } }],
  ['malformed_claim', { birthdate: '1.2.1980' }],
  ['malformed_claim', { name: ['Alice'] }],
  ['malformed_claim', 'text'],
];

it.each(refusedClaims)('OpenID Connect Core §5.1 %s: %j is refused', async (reason, claims) => {
  expect(reasonOf(await createUser(identity, { username: 'clara', claims }))).toBe(reason);
});

it('an unknown claim is answered with the nearest name', async () => {
  const outcome = await createUser(identity, { username: 'clara', claims: { given_nam: 'Alice' } });
  expect(outcome).toMatchObject({ description: expect.stringContaining('did you mean given_name?') });
});
