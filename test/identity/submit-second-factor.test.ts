/** A second factor that is added to a session. ASVS V7.2.4, V7.5.3 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Factor } from '../../src/identity/factors/factor.ts';
import { factors } from '../../src/identity/factors/index.ts';
import { password } from '../../src/identity/factors/password.ts';
import { endSession } from '../../src/identity/sessions/end-sessions.ts';
import { findSession } from '../../src/identity/sessions/find-live-sessions.ts';
import { type SignedIn, type SignInBrowser, signIn } from '../../src/identity/sign-in.ts';
import { submitSecondFactor } from '../../src/identity/submit-second-factor.ts';
import { setUserDisabled } from '../../src/identity/users/users.ts';
import { createCodeFactor } from './code-factor.ts';
import {
  accepted,
  type IdentityFixture,
  openIdentity,
  PASSWORD,
  plainHasher,
  reasonOf,
  sourceAt,
} from './identity-only.ts';

const code = createCodeFactor();
beforeAll(() => void (factors as Factor[]).push(code));
afterAll(() => void (factors as Factor[]).pop());

const source = sourceAt('192.0.2.1');
let identity: IdentityFixture;
let signedIn: SignedIn;
beforeEach(async () => {
  identity = await openIdentity({ passwordHasher: plainHasher() });
  await identity.user('alice');
  signedIn = await identity.signedIn();
  code.enrolled.add(signedIn.session.sub);
});
afterEach(async () => {
  code.reset();
  await identity.close();
});

const submit = (typed = '123456', browser: Partial<SignInBrowser> = {}) =>
  submitSecondFactor(identity, code, {
    code: typed,
    source,
    sessionCookie: signedIn.cookieValue,
    ...browser,
  });

it('adds its methods, under a new id; the time of the sign-in and the end of the session stay', async () => {
  identity.advance(60_000);
  const outcome = accepted(await submit());
  if (!('steppedUp' in outcome)) throw new Error('it was a sign-in');
  const { session, cookieValue } = outcome.steppedUp;
  const { sid, authTimeMs } = signedIn.session;
  expect(session).toMatchObject({ sid, authTimeMs, amr: ['pwd', 'otp'] });
  expect(await findSession(identity, signedIn.cookieValue)).toBeUndefined();
  expect(await findSession(identity, cookieValue)).toMatchObject({ sid, authTimeMs, amr: ['pwd', 'otp'] });
  expect(await identity.events('session.stepped_up')).toHaveLength(1);
  expect(await identity.events('login.succeeded')).toHaveLength(1);
});

it('adds nothing by a wrong code, and counts it for the person', async () => {
  expect(reasonOf(await submit('000000'))).toBe('wrong_password');
  expect(await findSession(identity, signedIn.cookieValue)).toMatchObject({ amr: ['pwd'] });
  expect(await identity.attempts(`code:${signedIn.session.sub}`)).toBe(1);
  accepted(await submit());
  expect(await identity.attempts(`code:${signedIn.session.sub}`)).toBeUndefined();
});

it.each([
  ['was ended', () => endSession(identity, signedIn.session.sid, undefined), 'sign_in_over'],
  ['is of a disabled user', () => setUserDisabled(identity, signedIn.session.sub, true), 'user_disabled'],
] as const)('adds nothing to a session that %s while the code was looked at', async (_what, act, reason) => {
  code.beforeConfirm = act;
  expect(reasonOf(await submit())).toBe(reason);
  expect(await findSession(identity, signedIn.cookieValue)).toBeUndefined();
});

it('of nobody who is signed in adds nothing', async () => {
  expect(reasonOf(await submit('123456', { sessionCookie: undefined }))).toBe('sign_in_over');
});

it('completes the sign-in that is pending in this browser, whoever else is signed in there', async () => {
  const { sub } = await identity.user('bob');
  code.enrolled.add(sub);
  const attempt = { login: 'bob', password: PASSWORD, source, sessionCookie: signedIn.cookieValue };
  const pending = accepted(await signIn(identity, password, attempt));
  if (!('lacks' in pending)) throw new Error('nothing is lacking');
  const outcome = accepted(await submit('123456', { pendingCookie: pending.cookieValue }));
  expect(outcome).toMatchObject({ session: { sub, amr: ['pwd', 'otp'] } });
});
