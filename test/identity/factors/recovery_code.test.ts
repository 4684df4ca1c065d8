/** A recovery code, after the password. What every factor refuses is every-factor.test.ts. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { recoveryCode } from '../../../src/identity/factors/recovery_code.ts';
import {
  countRecoveryCodes,
  renewRecoveryCodes,
} from '../../../src/identity/second-factors/change-recovery-codes.ts';
import { submitSecondFactor } from '../../../src/identity/submit-second-factor.ts';
import type { User } from '../../../src/identity/users/users.ts';
import {
  accepted,
  type IdentityFixture,
  openIdentity,
  plainHasher,
  reasonOf,
  sourceAt,
} from '../identity-only.ts';
import { enrolTotp } from '../second-factors/enrol-totp.ts';
import { pendingAfterPassword } from './pending-after-password.ts';
import { sessionOf } from './session-of-user.ts';

const source = sourceAt('192.0.2.1');
let identity: IdentityFixture;
let user: User;
let codes: readonly string[];
beforeEach(async () => {
  identity = await openIdentity({ passwordHasher: plainHasher() });
  user = await identity.user('alice');
  await enrolTotp(identity, user);
  ({ codes } = accepted(await renewRecoveryCodes(identity, await sessionOf(identity, user))));
});
afterEach(() => identity.close());

async function pending(): Promise<string> {
  const { lacks, cookieValue } = await pendingAfterPassword(identity, 'alice');
  expect(lacks.map(({ name }) => name)).toContain('totp');
  return cookieValue;
}

const submit = async (code: string) =>
  submitSecondFactor(identity, recoveryCode, { code, source, pendingCookie: await pending() });

it('L15 signs in once, in the place of the app, with a method of its own name; the others stay', async () => {
  const [code = '', other = ''] = codes;
  expect(accepted(await submit(code))).toMatchObject({
    session: { amr: ['pwd', 'urn:gatehouse:amr:recovery_code'] },
  });
  expect(reasonOf(await submit(code))).toBe('wrong_code');
  expect(await countRecoveryCodes(identity, user.sub)).toBe(9);
  expect(reasonOf(await submit(other.toLowerCase()))).toBe('accepted');
});

it('L15 A073 of twenty sign-ins at once with one code, one succeeds, and one code is used', async () => {
  const cookies: string[] = [];
  for (let count = 0; count < 10; count += 1) cookies.push(await pending());
  const [code = ''] = codes;
  const outcomes = await Promise.all(
    [...cookies, ...cookies].map((pendingCookie) =>
      submitSecondFactor(identity, recoveryCode, { code, source, pendingCookie }),
    ),
  );
  expect(outcomes.filter((outcome) => reasonOf(outcome) === 'accepted')).toHaveLength(1);
  expect(await countRecoveryCodes(identity, user.sub)).toBe(9);
});

it('L15 of the ten each is good, and after the last there is none to ask for', async () => {
  for (const code of codes) expect(reasonOf(await submit(code))).toBe('accepted');
  expect(await recoveryCode.isEnrolled(identity.db, user.sub)).toBe(false);
});

it('A061 one of another person is not good', async () => {
  const bob = await identity.user('bob');
  await enrolTotp(identity, bob);
  const { codes: ofBob } = accepted(await renewRecoveryCodes(identity, await sessionOf(identity, bob)));
  expect(reasonOf(await submit(ofBob[0] ?? ''))).toBe('wrong_code');
  expect(await countRecoveryCodes(identity, bob.sub)).toBe(10);
});
