import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Factor } from '../../../src/identity/factors/factor.ts';
import { factors } from '../../../src/identity/factors/index.ts';
import { checkMayChangeSecondFactor } from '../../../src/identity/second-factors/may-change-second-factor.ts';
import { PASSED } from '../../../src/lib/outcome.ts';
import { createCodeFactor } from '../code-factor.ts';
import { sessionOf } from '../factors/session-of-user.ts';
import { type IdentityFixture, openIdentity, plainHasher } from '../identity-only.ts';

const code = createCodeFactor();
let identity: IdentityFixture;
beforeEach(async () => {
  (factors as Factor[]).push(code);
  identity = await openIdentity({ passwordHasher: plainHasher() });
});
afterEach(async () => {
  (factors as Factor[]).pop();
  code.reset();
  await identity.close();
});

it('L19 a session by the password alone may change second factors only where its user has none', async () => {
  const user = await identity.user();
  const weak = await sessionOf(identity, user, ['pwd']);
  const strong = await sessionOf(identity, user);
  const check = ({ session }: typeof weak) =>
    identity.db.write((tx) => checkMayChangeSecondFactor(identity, tx, session));
  expect(await check(weak)).toBe(PASSED);
  code.enrolled.add(user.sub);
  expect(await check(weak)).toMatchObject({ error: 'weak', reason: 'acr_not_reached' });
  expect(await check(strong)).toBe(PASSED);
});
