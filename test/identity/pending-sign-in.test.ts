/** A sign-in that lacks a second factor: nobody is signed in by it, until it is complete. ASVS V6.3.3, V7.2.4 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Factor } from '../../src/identity/factors/factor.ts';
import { factors } from '../../src/identity/factors/index.ts';
import { password } from '../../src/identity/factors/password.ts';
import { changePassword } from '../../src/identity/passwords/password-change.ts';
import type { PendingSignIn } from '../../src/identity/pending-sign-in.ts';
import { personProven } from '../../src/identity/proof-user-was-authenticated.ts';
import { endSessionsOfUser } from '../../src/identity/sessions/end-sessions.ts';
import { findSession, listLiveSessions } from '../../src/identity/sessions/find-live-sessions.ts';
import { completeSignIn, type SignedIn, type SignInBrowser, signIn } from '../../src/identity/sign-in.ts';
import { removeUser } from '../../src/identity/users/user-removal.ts';
import { setPassword, setUserDisabled } from '../../src/identity/users/users.ts';
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
/** What nobody has enrolled. */
const key: typeof code = { ...code, name: 'key', isEnrolled: async () => false };

beforeAll(() => void (factors as Factor[]).push(code, key));
afterAll(() => void (factors as Factor[]).splice(-2));

const source = sourceAt('192.0.2.1');

let identity: IdentityFixture;
let sub: string;
beforeEach(async () => {
  identity = await openIdentity({ passwordHasher: plainHasher() });
  ({ sub } = await identity.user('alice'));
  code.enrolled.add(sub);
});
afterEach(async () => {
  code.reset();
  await identity.close();
});

function first(login = 'alice', typed = PASSWORD, browser: Partial<SignInBrowser> = {}) {
  return signIn(identity, password, { login, password: typed, source, ...browser });
}

async function pending(browser: Partial<SignInBrowser> = {}): Promise<PendingSignIn> {
  const outcome = accepted(await first('alice', PASSWORD, browser));
  if (!('lacks' in outcome)) throw new Error('nothing is lacking');
  return outcome;
}

function second(pendingCookie: string, typed = '123456', browser: Partial<SignInBrowser> = {}) {
  return completeSignIn(identity, code, { code: typed, source, pendingCookie, ...browser });
}

const typesOf = async (type: string) => (await identity.events(type)).map(({ reason }) => reason);

describe('a sign-in that lacks a factor', () => {
  it('is not a session: its cookie signs no user in, and the audit has the missing factor', async () => {
    const { lacks, cookieValue } = await pending();
    expect(lacks).toEqual([code]);
    expect(await findSession(identity, cookieValue)).toBeUndefined();
    expect(await listLiveSessions(identity)).toEqual([]);
    expect(await identity.db.all('SELECT 1 FROM sessions')).toEqual([]);
    expect(await typesOf('login.succeeded')).toEqual([]);
    expect(await typesOf('login.pending')).toHaveLength(1);
  });

  it('becomes a session with the second factor: the methods of both, and a new id', async () => {
    const { cookieValue } = await pending();
    const { session, ...rest } = accepted(await second(cookieValue));
    expect(session).toMatchObject({ sub, amr: ['pwd', 'otp'], authTimeMs: identity.clock.nowMs() });
    expect(rest.cookieValue).not.toBe(cookieValue);
    expect(await findSession(identity, rest.cookieValue)).toEqual(session);
    expect(await listLiveSessions(identity)).toEqual([session]);
    expect(await typesOf('login.succeeded')).toHaveLength(1);
  });

  it('does not occur for a user without a second factor', async () => {
    await identity.user('bob');
    expect(accepted(await first('bob'))).toMatchObject({ session: { amr: ['pwd'] } });
  });

  it('is completed once, however often the same form is sent', async () => {
    const { cookieValue } = await pending();
    const outcomes = await Promise.all([second(cookieValue), second(cookieValue), second(cookieValue)]);
    expect(outcomes.map(reasonOf).filter((reason) => reason === 'accepted')).toHaveLength(1);
    expect(reasonOf(await second(cookieValue))).toBe('sign_in_over');
    expect(await listLiveSessions(identity)).toHaveLength(1);
  });

  it('continues the session of the user in this browser, beside those of others', async () => {
    await identity.user('bob');
    const bob = await identity.signedIn('bob');
    const alice = accepted(await second((await pending()).cookieValue));
    const browser = { sessionCookie: alice.cookieValue, otherSessionsCookie: bob.cookieValue };
    const again = await pending(browser);
    expect(await findSession(identity, alice.cookieValue)).toBeDefined();
    const { session, cookieValue, others } = accepted(await second(again.cookieValue, '123456', browser));
    expect(session.sid).toBe(alice.session.sid);
    expect(others.map((other) => other.session.sid)).toEqual([bob.session.sid]);
    expect([cookieValue, others[0]?.cookieValue]).not.toContain(bob.cookieValue);
    expect(await findSession(identity, alice.cookieValue)).toBeUndefined();
  });

  it('makes the browser a known device only when it is complete', async () => {
    const incomplete = await pending();
    expect(Object.keys(incomplete).sort()).toEqual(['cookieValue', 'lacks']);
    const { deviceCookie } = accepted(await second(incomplete.cookieValue));
    for (let index = 0; index < 5; index += 1) await first('alice', 'guess');
    expect(reasonOf(await first())).toBe('account_throttled');
    expect(reasonOf(await first('alice', PASSWORD, { deviceCookie }))).toBe('accepted');
  });
});

describe('what ends it', () => {
  const endings: [string, (cookieValue: string) => Promise<unknown>][] = [
    ['ten minutes', async () => identity.advance(600_000)],
    ['a new password by an operator', () => setPassword(identity, sub, 'another fine passphrase')],
    [
      'its user who is disabled, and enabled again',
      async () => {
        await setUserDisabled(identity, sub, true);
        await setUserDisabled(identity, sub, false);
      },
    ],
    ['its user who is disabled', () => setUserDisabled(identity, sub, true)],
    ['its user who is removed', () => removeUser(identity, sub)],
    [
      'signing out everywhere',
      () => identity.db.write((tx) => endSessionsOfUser(identity, tx, sub, '', undefined)),
    ],
    ['a new sign-in in the same browser', (pendingCookie) => pending({ pendingCookie })],
    [
      'ten later ones of the same person',
      async () => {
        for (let index = 0; index < 10; index += 1) {
          identity.advance(1);
          await pending();
        }
      },
    ],
  ];

  it.each(endings)('%s', async (_name, end) => {
    const { cookieValue } = await pending();
    await end(cookieValue);
    expect(reasonOf(await second(cookieValue))).toBe('sign_in_over');
  });

  it.each(endings.slice(1, 6))('%s, while the second factor is looked at', async (_name, end) => {
    const { cookieValue } = await pending();
    code.beforeConfirm = () => end(cookieValue);
    expect(reasonOf(await second(cookieValue))).toMatch(/^(sign_in_over|unknown_user|user_disabled)$/);
    expect(await listLiveSessions(identity)).toEqual([]);
  });

  it('a password change by the user, although the other sessions stay', async () => {
    const { session } = accepted(await second((await pending()).cookieValue)) as SignedIn;
    const { cookieValue } = await pending();
    const newPassword = 'another fine passphrase';
    const change = { session, currentPassword: PASSWORD, newPassword, endOtherSessions: false, source };
    expect(reasonOf(await changePassword(identity, change))).toBe('accepted');
    expect(reasonOf(await second(cookieValue))).toBe('sign_in_over');
    expect(await listLiveSessions(identity)).toHaveLength(1);
  });

  it('neither one that began nine others ago, nor one of nine minutes', async () => {
    const { cookieValue } = await pending();
    for (let index = 0; index < 9; index += 1) {
      identity.advance(1);
      await pending();
    }
    identity.advance(599_990);
    expect(reasonOf(await second(cookieValue))).toBe('accepted');
  });
});

describe('guesses at the second factor', () => {
  it('are counted for the user, across all sign-ins, and before they are checked', async () => {
    const { cookieValue } = await pending();
    const guesses = await Promise.all(Array.from({ length: 20 }, () => second(cookieValue, '000000')));
    const reasons = guesses.map(reasonOf);
    expect(reasons.filter((reason) => reason === 'wrong_password')).toHaveLength(5);
    expect(reasons.filter((reason) => reason === 'account_throttled')).toHaveLength(15);
    const another = await second((await pending()).cookieValue);
    expect(another).toMatchObject({ error: 'throttled', retryAfterSeconds: 1 });
  });

  it('do not end the sign-in, and a right one resets their count', async () => {
    const { cookieValue } = await pending();
    expect(reasonOf(await second(cookieValue, '000000'))).toBe('wrong_password');
    expect(await identity.attempts(`code:${sub}`)).toBe(1);
    expect(reasonOf(await second(cookieValue))).toBe('accepted');
    expect(await identity.attempts(`code:${sub}`)).toBeUndefined();
    expect(await identity.attempts('address:192.0.2.1')).toBe(1);
  });

  it('A066 a user who knows the password neither resets the count nor exhausts it', async () => {
    for (let index = 0; index < 3; index += 1) await first('alice', 'guess');
    for (let index = 0; index < 9; index += 1) await pending();
    expect(await identity.attempts(`account:${sub}`)).toBe(3);
    accepted(await second((await pending()).cookieValue));
    expect(await identity.attempts(`account:${sub}`)).toBeUndefined();
  });
});

describe('a factor', () => {
  it('that the sign-in does not lack completes nothing', async () => {
    const { cookieValue: pendingCookie } = await pending();
    const outcome = await completeSignIn(identity, key, { code: '123456', source, pendingCookie });
    expect(reasonOf(outcome)).toBe('sign_in_over');
  });

  it('completes nothing without the cookie, or with a malformed one', async () => {
    for (const pendingCookie of ['', 'x', '%', `${'0'.repeat(9)}${'A'.repeat(43)}`])
      expect(reasonOf(await second(pendingCookie))).toBe('sign_in_over');
    expect(reasonOf(await completeSignIn(identity, code, { code: '123456', source }))).toBe('sign_in_over');
  });

  it('that proves another user, or more than its row says, throws, and no user is signed in', async () => {
    const mallory = await identity.user('mallory');
    for (const proof of [personProven(mallory.sub, ['otp']), personProven(sub, ['otp', 'hwk'])]) {
      const { cookieValue: pendingCookie } = await pending();
      const lying: typeof code = { ...code, confirm: async () => proof };
      await expect(
        completeSignIn(identity, lying, { code: '123456', source, pendingCookie }),
      ).rejects.toThrow('the factor code proved what it was not asked for');
    }
    expect(await listLiveSessions(identity)).toEqual([]);
  });
});
