import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accountPolicy, clientPolicy } from '../../../src/identity/attempts/throttle-policies.ts';
import { reserveAttempt } from '../../../src/identity/attempts/throttling.ts';
import { password as passwordFactor } from '../../../src/identity/factors/password.ts';
import { signIn } from '../../../src/identity/sign-in.ts';
import { setPassword } from '../../../src/identity/users/users.ts';
import { QueueFullError } from '../../../src/lib/bounded-priority-work-queue.ts';
import { isRefusal } from '../../../src/lib/outcome.ts';
import { StorageUnavailableError } from '../../../src/storage/storage-errors.ts';
import {
  type IdentityFixture,
  openIdentity,
  PASSWORD,
  plainHasher,
  reasonOf,
  sourceAt,
  withoutWrite,
} from '../identity-only.ts';

let identity: IdentityFixture;
let hasher: ReturnType<typeof plainHasher>;
beforeEach(async () => {
  hasher = plainHasher();
  identity = await openIdentity({ passwordHasher: hasher });
});
afterEach(() => identity.close());

/** From an address of its own each, so that the account's count alone decides. */
function guess(login: string, index: number, password = `guess ${index}`) {
  return identity.signIn(login, password, { source: sourceAt(`10.0.${index >> 8}.${index & 255}`) });
}

describe('guesses at one account', () => {
  it('A066 of 500 parallel guesses five are verified, and a right one after them is throttled too', async () => {
    const { sub } = await identity.user();
    const guesses = Array.from({ length: 500 }, (_, index) =>
      guess('alice', index, index > 20 ? PASSWORD : 'x'),
    );
    const outcomes = await Promise.all(guesses);
    expect(outcomes.every(isRefusal)).toBe(true);
    expect(hasher.verified).toBe(5);
    expect(await identity.attempts(`account:${sub}`)).toBe(5);
    expect(await identity.events('login.failed')).toHaveLength(5);
    expect(await identity.events('login.throttled')).toHaveLength(495);
  });

  it('A067 an unknown name pauses as a known one does, in any spelling', async () => {
    await identity.user();
    const spellings = [
      ['Nobody', ' nobody', 'NOBODY ', 'ｎobody', 'nobody'],
      ['Alice', ' alice', 'ALICE@example.com ', 'ａlice', 'alice@EXAMPLE.com'],
    ];
    for (const names of spellings) {
      for (const [index, name] of names.entries()) {
        expect(reasonOf(await guess(name, index))).toMatch(/^(unknown_user|wrong_password)$/);
      }
      expect(reasonOf(await guess(names[0] ?? '', 9))).toBe('account_throttled');
    }
    expect(hasher.verified).toBe(10);
  });

  it('L5 pauses double from 1 s to 15 min, and after 100 failures the password is off', async () => {
    const { sub } = await identity.user();
    const waits: number[] = [];
    for (let index = 0; index < 100; index += 1) {
      expect(reasonOf(await guess('alice', index))).toBe('wrong_password');
      const row = await identity.db.get<{ blocked_until: number }>(
        'SELECT * FROM throttles WHERE throttle_key = $1',
        `account:${sub}`,
      );
      const waitedMs = Math.max(0, (row?.blocked_until ?? 0) - identity.clock.nowMs());
      waits.push(waitedMs / 1000);
      identity.advance(waitedMs);
    }
    expect(waits.slice(0, 8)).toEqual([0, 0, 0, 0, 1, 2, 4, 8]);
    expect(Math.max(...waits)).toBe(900);
    identity.advance(86_400_000 * 365);
    expect(reasonOf(await guess('alice', 1, PASSWORD))).toBe('account_throttled');
    expect(hasher.verified).toBe(100);
    await setPassword(identity, sub, PASSWORD);
    expect(reasonOf(await guess('alice', 1, PASSWORD))).toBe('accepted');
  });

  it('L5 a success resets the count', async () => {
    const { sub } = await identity.user();
    for (let index = 0; index < 4; index += 1) await guess('alice', index);
    await identity.signedIn();
    expect(await identity.attempts(`account:${sub}`)).toBeUndefined();
  });

  it('A069 the user of a locked account can sign in on a known device, which unlocks it', async () => {
    await identity.user();
    const { deviceCookie } = await identity.signedIn();
    for (let index = 0; index < 9; index += 1) await guess('alice', index);
    expect(reasonOf(await guess('alice', 9, PASSWORD))).toBe('account_throttled');
    await identity.signedIn('alice', { deviceCookie });
    expect(reasonOf(await guess('alice', 9, PASSWORD))).toBe('accepted');
  });

  it('A069 a device is known only for its own user, and its guesses are counted too', async () => {
    const { sub } = await identity.user();
    await identity.user('mallory');
    const { deviceCookie: foreign } = await identity.signedIn('mallory');
    const { deviceCookie } = await identity.signedIn();
    for (let index = 0; index < 5; index += 1) await guess('alice', index);
    const forged = `${deviceCookie.slice(0, -2)}${deviceCookie.endsWith('AA') ? 'EE' : 'AA'}`;
    for (const other of [foreign, forged, '', '.', '__proto__', 'x'.repeat(8000)]) {
      const outcome = await identity.signIn('alice', PASSWORD, { deviceCookie: other });
      expect(reasonOf(outcome)).toBe('account_throttled');
    }
    for (let index = 0; index < 5; index += 1) await identity.signIn('alice', 'wrong', { deviceCookie });
    expect(await identity.attempts(`device:${sub}`)).toBe(5);
    expect(reasonOf(await identity.signIn('alice', PASSWORD, { deviceCookie }))).toBe('account_throttled');
  });

  it('A066 an attempt that could not be hashed is not counted', async () => {
    const { sub } = await identity.user();
    hasher.beforeAnswer = () => Promise.reject(new QueueFullError(2));
    const outcome = await identity.signIn('alice', PASSWORD);
    expect(outcome).toMatchObject({ error: 'busy', retryAfterSeconds: 2 });
    expect(await identity.attempts(`account:${sub}`)).toBeUndefined();
    expect(await identity.attempts('address:192.0.2.1')).toBeUndefined();
  });

  it('A066 when the database fails after hashing, a right password is not counted, a wrong one is', async () => {
    const { sub } = await identity.user();
    const attempt = (password: string) =>
      signIn(withoutWrite(identity, 1), passwordFactor, {
        login: 'alice',
        password,
        source: sourceAt('192.0.2.1'),
      });
    await expect(attempt(PASSWORD)).rejects.toBeInstanceOf(StorageUnavailableError);
    const counted = async () => [
      await identity.attempts(`account:${sub}`),
      await identity.attempts('address:192.0.2.1'),
    ];
    expect(await counted()).toEqual([undefined, undefined]);
    await expect(attempt('wrong')).rejects.toBeInstanceOf(StorageUnavailableError);
    expect(await counted()).toEqual([1, 1]);
  });

  it('A069 a locked account answers exactly as a wrong password does', async () => {
    await identity.user();
    const wrong = await guess('alice', 0);
    for (let index = 1; index < 9; index += 1) await guess('alice', index);
    const locked = await guess('alice', 9);
    expect({ ...locked, reason: '' }).toEqual({ ...wrong, reason: '' });
    expect(reasonOf(locked)).toBe('account_throttled');
  });
});

describe('guesses from one address', () => {
  it('A068 an IPv6 /64 is one address; it gets Retry-After, and may try again then', async () => {
    await identity.user();
    const from = (host: number) => sourceAt(`2001:db8:0:7::${host.toString(16)}`);
    for (let index = 0; index < 50; index += 1) {
      await identity.signIn(`name-${index}`, 'guess', { source: from(index + 1) });
    }
    const outcome = await identity.signIn('alice', PASSWORD, { source: from(4000) });
    expect(outcome).toMatchObject({ error: 'throttled', reason: 'address_throttled', retryAfterSeconds: 10 });
    identity.advance(10_000);
    expect(reasonOf(await identity.signIn('alice', PASSWORD, { source: from(4000) }))).toBe('accepted');
  });

  it('a clock that was ahead throttles no user once it is right again', async () => {
    const { sub } = await identity.user();
    identity.advance(400 * 86_400_000);
    for (let index = 0; index < 60; index += 1) await identity.signIn(`name-${index}`, 'guess');
    for (let index = 0; index < 6; index += 1) await guess('alice', index);
    expect(reasonOf(await identity.signIn('alice', PASSWORD))).toBe('address_throttled');
    expect(reasonOf(await guess('alice', 7, PASSWORD))).toBe('account_throttled');
    identity.advance(-400 * 86_400_000);
    expect(reasonOf(await guess('alice', 7, 'wrong'))).toBe('wrong_password');
    expect(await identity.attempts(`account:${sub}`)).toBe(6);
    identity.advance(60_000);
    expect(reasonOf(await identity.signIn('alice', PASSWORD))).toBe('accepted');
  });

  it('A071 users who know their passwords never exhaust the tries of a shared address', async () => {
    await identity.user();
    for (let index = 0; index < 60; index += 1) await identity.signedIn();
    expect(await identity.attempts('address:192.0.2.1')).toBeUndefined();
  });
});

it('an attempt without a pause causes none on a node whose clock is behind', async () => {
  await identity.user();
  const source = sourceAt('10.9.9.9');
  expect(reasonOf(await identity.signIn('alice', 'guess', { source }))).toBe('wrong_password');
  identity.advance(-5000);
  expect(isRefusal(await identity.signIn('alice', PASSWORD, { source }))).toBe(false);
});

it('an unknown name is not stored as an unkeyed hash: it may be a password', async () => {
  await identity.signIn('Purple-Tortoise-1987', 'x');
  const rows = await identity.db.all<{ throttle_key: string }>('SELECT throttle_key FROM throttles');
  const account = rows.find(({ throttle_key }) => throttle_key.startsWith('account:'));
  const bare = createHash('sha256').update('purple-tortoise-1987').digest('base64url');
  expect(account).toBeDefined();
  expect(account?.throttle_key).not.toContain(bare);
});

it('a count that only success forgives cannot have a name that the clean-up forgets after an hour', async () => {
  const count = (key: string) => identity.db.write((tx) => reserveAttempt(identity, tx, key, accountPolicy));
  await expect(count('client:somebody')).rejects.toThrow('the count client is among the kinds');
  expect(await count('toString:somebody')).toMatchObject({ allowed: true });
});

it('a window and its longest pause together last no longer than their count is kept, an hour', async () => {
  const policy = { ...clientPolicy, windowMs: 50 * 60_000, longestPauseMs: 10 * 60_000 };
  const count = (one: typeof policy) =>
    identity.db.write((tx) => reserveAttempt(identity, tx, 'client:c', one));
  expect(await count(policy)).toMatchObject({ allowed: true });
  await expect(count({ ...policy, longestPauseMs: policy.longestPauseMs + 1 })).rejects.toThrow(
    'the count client is among the kinds',
  );
});
