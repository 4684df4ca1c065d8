import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Factor } from '../../../src/identity/factors/factor.ts';
import { factors } from '../../../src/identity/factors/index.ts';
import {
  listSecondFactors,
  removeSecondFactors,
} from '../../../src/identity/second-factors/remove-second-factors.ts';
import { findSession } from '../../../src/identity/sessions/find-live-sessions.ts';
import type { User } from '../../../src/identity/users/users.ts';
import { createCodeFactor } from '../code-factor.ts';
import { accepted, type IdentityFixture, openIdentity, plainHasher, reasonOf } from '../identity-only.ts';
import { enrolTotp } from './enrol-totp.ts';

let identity: IdentityFixture;
let user: User;
beforeEach(async () => {
  identity = await openIdentity({ passwordHasher: plainHasher() });
  user = await identity.user();
});
afterEach(() => identity.close());

it('L19 every second factor is removed, and every session ends with it', async () => {
  const here = await identity.signedIn();
  await enrolTotp(identity, user);
  expect(await listSecondFactors(identity.db, user.sub)).toEqual(['totp', 'recovery_code']);
  expect(accepted(await removeSecondFactors(identity, user.sub))).toEqual(['totp', 'recovery_code']);
  expect(await listSecondFactors(identity.db, user.sub)).toEqual([]);
  expect(await findSession(identity, here.cookieValue)).toBeUndefined();
  expect(await identity.events('user.second_factors_removed')).toEqual([{ reason: null, sub: user.sub }]);
});

it('where there is none, or no such user, nothing is done', async () => {
  const here = await identity.signedIn();
  expect(reasonOf(await removeSecondFactors(identity, user.sub))).toBe('no_second_factor');
  expect(reasonOf(await removeSecondFactors(identity, 'nobody'))).toBe('unknown_user');
  expect(await findSession(identity, here.cookieValue)).toBeDefined();
});

it('a factor of the table that nothing removes is noticed, and nothing is done', async () => {
  const code = createCodeFactor();
  (factors as Factor[]).push(code);
  try {
    code.enrolled.add(user.sub);
    await expect(removeSecondFactors(identity, user.sub)).rejects.toThrow('nothing removes');
  } finally {
    (factors as Factor[]).pop();
  }
});
