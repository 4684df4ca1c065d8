import { afterAll, beforeAll, expect, it } from 'vitest';
import { password } from '../../../src/identity/factors/password.ts';
import { type IdentityFixture, openIdentity } from '../identity-only.ts';

let identity: IdentityFixture;
beforeAll(async () => {
  identity = await openIdentity();
});
afterAll(() => identity.close());

it('only a user with a password can be asked for it', async () => {
  const alice = await identity.user('alice');
  const bob = await identity.user('bob', { password: undefined });
  expect(await password.isEnrolled(identity.db, alice.sub)).toBe(true);
  expect(await password.isEnrolled(identity.db, bob.sub)).toBe(false);
  expect(await password.isEnrolled(identity.db, 'nobody')).toBe(false);
});
