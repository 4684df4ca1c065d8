/** The code of an authenticator app, after the password. What every factor refuses is every-factor.test.ts. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { targetOfPerson } from '../../../src/identity/factors/prove.ts';
import { totp } from '../../../src/identity/factors/totp.ts';
import {
  beginEnrolment,
  findEnrolmentSeed,
  finishEnrolment,
} from '../../../src/identity/second-factors/change-totp.ts';
import { submitSecondFactor } from '../../../src/identity/submit-second-factor.ts';
import { codeAt, stepAt } from '../../../src/identity/totp/totp-codes.ts';
import type { User } from '../../../src/identity/users/users.ts';
import {
  accepted,
  type IdentityFixture,
  openIdentity,
  plainHasher,
  reasonOf,
  sourceAt,
} from '../identity-only.ts';
import { pendingAfterPassword } from './pending-after-password.ts';
import { sessionOf } from './session-of-user.ts';

const source = sourceAt('192.0.2.1');
let identity: IdentityFixture;
let user: User;
let seed: string;
beforeEach(async () => {
  identity = await openIdentity({ passwordHasher: plainHasher() });
  user = await identity.user('alice');
  const { session } = await sessionOf(identity, user, ['pwd']);
  accepted(await beginEnrolment(identity, session));
  seed = (await findEnrolmentSeed(identity, session)) ?? '';
  accepted(await finishEnrolment(identity, { session, source, endOtherSessions: true, code: code() }));
});
afterEach(() => identity.close());

const code = (drift = 0) => codeAt(seed, stepAt(identity.clock.nowMs()) + drift);

const pending = async () => (await pendingAfterPassword(identity, 'alice')).cookieValue;

const submit = async (typed: string) =>
  submitSecondFactor(identity, totp, { code: typed, source, pendingCookie: await pending() });

it('L15 the code that enrolled is spent, and the next one signs in, with both methods', async () => {
  expect(reasonOf(await submit(code()))).toBe('wrong_code');
  expect(reasonOf(await submit(code(-1)))).toBe('wrong_code');
  expect(accepted(await submit(code(1)))).toMatchObject({ session: { amr: ['pwd', 'otp'] } });
});

it('L15 A073 of twenty sign-ins at once with one code, one succeeds', async () => {
  identity.advance(30_000);
  const cookies: string[] = [];
  for (let count = 0; count < 10; count += 1) cookies.push(await pending());
  const typed = code();
  const outcomes = await Promise.all(
    [...cookies, ...cookies].map((pendingCookie) =>
      submitSecondFactor(identity, totp, { code: typed, source, pendingCookie }),
    ),
  );
  expect(outcomes.filter((outcome) => reasonOf(outcome) === 'accepted')).toHaveLength(1);
});

it('L15 A073 a code that was used is not good again, nor is one before it, however far the clock is set back', async () => {
  identity.advance(60_000);
  const [earlier, used] = [code(-1), code()];
  accepted(await submit(used));
  expect(reasonOf(await submit(used))).toBe('wrong_code');
  expect(reasonOf(await submit(earlier))).toBe('wrong_code');
  identity.advance(-60_000);
  const back = await totp.look(identity, { code: code() }, targetOfPerson(totp, user.sub), 1);
  expect(back).toEqual({ reason: 'wrong_code' });
});

it('L5 L15 five wrong codes, then the right one has to wait', async () => {
  identity.advance(30_000);
  const wrong = String((Number(code()) + 1) % 1_000_000).padStart(6, '0');
  for (let tries = 0; tries < 5; tries += 1) expect(reasonOf(await submit(wrong))).toBe('wrong_code');
  expect(reasonOf(await submit(code()))).toBe('account_throttled');
  identity.advance(1000);
  expect(reasonOf(await submit(code()))).toBe('accepted');
});

it('with another master key no code is right, and the reason says why', async () => {
  const settings = { ...identity.settings, masterKey: Buffer.alloc(32, 9) };
  const pendingCookie = await pending();
  const attempt = { code: code(1), source, pendingCookie };
  expect(reasonOf(await submitSecondFactor({ ...identity, settings }, totp, attempt))).toBe(
    'seed_unreadable',
  );
});
