import { afterEach, beforeEach, expect, it } from 'vitest';
import type { IdentityContext } from '../../../src/identity/context.ts';
import { changePassword, type PasswordChange } from '../../../src/identity/passwords/password-change.ts';
import { endSession } from '../../../src/identity/sessions/end-sessions.ts';
import { findSession, listLiveSessions } from '../../../src/identity/sessions/find-live-sessions.ts';
import type { SignedIn } from '../../../src/identity/sign-in.ts';
import { setPassword, setUserDisabled } from '../../../src/identity/users/users.ts';
import { QueueFullError } from '../../../src/lib/bounded-priority-work-queue.ts';
import { StorageUnavailableError } from '../../../src/storage/storage-errors.ts';
import {
  accepted,
  type IdentityFixture,
  openIdentity,
  PASSWORD,
  plainHasher,
  reasonOf,
  sourceAt,
  withoutWrite,
} from '../identity-only.ts';

const NEXT = 'another quiet lantern tonight';

let identity: IdentityFixture;
let here: SignedIn;
const hasher = plainHasher();
beforeEach(async () => {
  hasher.beforeAnswer = async () => undefined;
  identity = await openIdentity({ passwordHasher: hasher });
  await identity.user();
  here = await identity.signedIn();
});
afterEach(() => identity.close());

function change(more: Partial<PasswordChange> = {}, context: IdentityContext = identity) {
  return changePassword(context, {
    session: here.session,
    currentPassword: PASSWORD,
    newPassword: NEXT,
    endOtherSessions: false,
    source: sourceAt('192.0.2.1'),
    ...more,
  });
}

it('L12 L7 with the current password it is changed, and the session continues under a new id', async () => {
  const { cookieValue } = accepted(await change());
  expect(await findSession(identity, here.cookieValue)).toBeUndefined();
  expect((await findSession(identity, cookieValue))?.sid).toBe(here.session.sid);
  expect(reasonOf(await identity.signIn('alice', PASSWORD))).toBe('wrong_password');
  expect(reasonOf(await identity.signIn('alice', NEXT))).toBe('accepted');
});

it.each([true, false])('L12 other sessions end if that was chosen (%s)', async (endOtherSessions) => {
  const there = await identity.signedIn();
  accepted(await change({ endOtherSessions }));
  expect((await findSession(identity, there.cookieValue)) === undefined).toBe(endOtherSessions);
});

it('L12 without the current password nothing changes, and guessing it is counted', async () => {
  expect(await change({ currentPassword: 'wrong' })).toMatchObject({ error: 'wrong' });
  expect(await change({ currentPassword: `${PASSWORD} ` })).toMatchObject({ error: 'wrong' });
  expect(await change({ currentPassword: 'x'.repeat(5000) })).toMatchObject({ error: 'wrong' });
  for (let index = 0; index < 2; index += 1) await change({ currentPassword: 'wrong' });
  expect(await change()).toMatchObject({ error: 'throttled' });
  expect(await identity.events('password.change_failed')).toHaveLength(5);
  expect(reasonOf(await identity.signIn('alice', PASSWORD))).toBe('accepted');
});

it('A069 an attacker’s guesses at the account do not prevent the user from changing the password', async () => {
  for (let index = 0; index < 9; index += 1) await identity.signIn('alice', 'guess');
  expect(reasonOf(await change())).toBe('accepted');
});

it('L1 L2 the new password must meet the rules', async () => {
  expect(await change({ newPassword: 'fourteen chars' })).toMatchObject({ error: 'short' });
  expect(await change({ newPassword: 'passwordpassword' })).toMatchObject({ error: 'common' });
  expect(await change({ newPassword: 'alice@example.com' })).toMatchObject({ error: 'common' });
});

it.each([
  ['the session was ended', (sid: string) => endSession(identity, sid, undefined)],
  ['the user was disabled', (_sid: string, sub: string) => setUserDisabled(identity, sub, true)],
  [
    'an operator set a password',
    (_sid: string, sub: string) => setPassword(identity, sub, 'what the operator chose'),
  ],
])('A070 while it was hashed %s: that takes precedence', async (_what, end) => {
  const { sid, sub } = here.session;
  hasher.beforeAnswer = () => end(sid, sub);
  expect(await change()).toMatchObject({ error: 'wrong' });
  expect(await listLiveSessions(identity)).toEqual([]);
  expect(JSON.stringify(await identity.db.all('SELECT hash FROM passwords'))).not.toContain(NEXT);
});

it('A066 an attempt that could not be hashed is not counted', async () => {
  hasher.beforeAnswer = () => Promise.reject(new QueueFullError(2));
  expect(await change()).toMatchObject({ error: 'busy' });
  expect(await identity.attempts(`device:${here.session.sub}`)).toBeUndefined();
});

it('A066 an attempt that the database could not store is not counted', async () => {
  const { sub } = here.session;
  await expect(change({}, withoutWrite(identity, 1))).rejects.toBeInstanceOf(StorageUnavailableError);
  expect(await identity.attempts(`device:${sub}`)).toBeUndefined();
});
