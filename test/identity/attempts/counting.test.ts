/** How attempts are counted and paused, to the millisecond. ASVS V6.3.1 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  accountPolicy,
  addressPolicy,
  alarmedAddressPolicy,
  clientAddressPolicy,
  clientPolicy,
  registrationPolicy,
  type ThrottlePolicy,
} from '../../../src/identity/attempts/throttle-policies.ts';
import {
  countedFor,
  findCount,
  findPause,
  forgiveAccount,
  forgiveAttempts,
  giveBackAttempt,
  reserveAttempt,
} from '../../../src/identity/attempts/throttling.ts';
import { QueueFullError } from '../../../src/lib/bounded-priority-work-queue.ts';
import { StorageUnavailableError } from '../../../src/storage/storage-errors.ts';
import type { ThrottleRow } from '../../../src/storage/tables/throttles.ts';
import { type IdentityFixture, openIdentity } from '../identity-only.ts';

let identity: IdentityFixture;
beforeAll(async () => {
  identity = await openIdentity();
});
afterAll(() => identity.close());

const POLICY: ThrottlePolicy = {
  free: 2,
  windowMs: 60_000,
  firstPauseMs: 1000,
  longestPauseMs: 3000,
  limit: undefined,
};

let lastKey = 0;
const newKey = () => {
  lastKey += 1;
  return `key-${lastKey}`;
};

const attempt = (key: string, policy: ThrottlePolicy = POLICY) =>
  identity.db.write((tx) => reserveAttempt(identity, tx, key, policy));

const rowOf = (key: string) =>
  identity.db.get<ThrottleRow>('SELECT * FROM throttles WHERE throttle_key = $1', key);

const allowed = (attempts: number) => ({ allowed: true, attempts });
const paused = (retryAfterSeconds: number) => ({ allowed: false, retryAfterSeconds });

/** How long the pause is after each of so many attempts, each made when the pause before it is over. */
async function pausesOf(policy: ThrottlePolicy, count: number): Promise<number[]> {
  const key = newKey();
  const pauses: number[] = [];
  for (let index = 0; index < count; index += 1) {
    expect(await attempt(key, policy)).toEqual(allowed(index + 1));
    const pauseMs = Math.max(0, ((await rowOf(key))?.blocked_until ?? 0) - identity.clock.nowMs());
    pauses.push(pauseMs);
    identity.advance(pauseMs);
  }
  return pauses;
}

describe('pauses', () => {
  it('L5 begin with the attempt that uses up the free ones, double, and grow to the longest', async () => {
    expect(await pausesOf(POLICY, 5)).toEqual([0, 1000, 2000, 3000, 3000]);
  });

  it('L5 are given in whole seconds, rounded up, until the millisecond in which they end', async () => {
    const key = newKey();
    await attempt(key);
    await attempt(key);
    expect(await attempt(key)).toEqual(paused(1));
    identity.advance(999);
    expect(await attempt(key)).toEqual(paused(1));
    expect(await findPause(identity, identity.db, key)).toEqual(paused(1));
    expect((await rowOf(key))?.attempts).toBe(2);
    identity.advance(1);
    expect(await findPause(identity, identity.db, key)).toBeUndefined();
    expect(await attempt(key)).toEqual(allowed(3));
    expect(await attempt(key)).toEqual(paused(2));
  });

  it('an attempt without a pause stores a time that is past for a node whose clock is 10 s behind', async () => {
    const key = newKey();
    await attempt(key);
    expect((await rowOf(key))?.blocked_until).toBe(identity.clock.nowMs() - 10_000);
  });
});

describe('the window', () => {
  it('is forgotten in the millisecond in which it ends, and not before', async () => {
    const key = newKey();
    await attempt(key);
    identity.advance(59_999);
    expect(await attempt(key, { ...POLICY, free: 9 })).toEqual(allowed(2));
    identity.advance(1);
    expect(await attempt(key, POLICY)).toEqual(allowed(1));
    expect((await rowOf(key))?.window_started_at).toBe(identity.clock.nowMs());
  });

  it('lasts at least as long as its pause', async () => {
    const key = newKey();
    const policy = { ...POLICY, free: 1, windowMs: 500 };
    await attempt(key, policy);
    identity.advance(600);
    expect(await attempt(key, policy)).toEqual(paused(1));
    identity.advance(400);
    expect(await attempt(key, policy)).toEqual(allowed(1));
  });

  it('has no end where only success forgives', async () => {
    const key = newKey();
    const policy = { ...POLICY, windowMs: undefined };
    await attempt(key, policy);
    identity.advance(365 * 86_400_000);
    expect(await attempt(key, policy)).toEqual(allowed(2));
  });
});

it('L5 at the limit no attempt is checked any more, and the longest pause is given', async () => {
  const key = newKey();
  const policy = { ...POLICY, free: 9, limit: 3 };
  for (const attempts of [1, 2, 3]) expect(await attempt(key, policy)).toEqual(allowed(attempts));
  expect(await attempt(key, policy)).toEqual(paused(3));
  expect((await rowOf(key))?.attempts).toBe(3);
});

describe('the count that is read without a transaction', () => {
  it('is 0 for an unknown key', async () => {
    expect(await findCount(identity, identity.db, newKey())).toEqual({ attempts: 0, pause: undefined });
  });

  it('is the count, and the pause while it lasts', async () => {
    const key = newKey();
    await attempt(key);
    expect(await findCount(identity, identity.db, key)).toEqual({ attempts: 1, pause: undefined });
    await attempt(key);
    expect(await findCount(identity, identity.db, key)).toEqual({ attempts: 2, pause: paused(1) });
    identity.advance(1000);
    expect(await findCount(identity, identity.db, key)).toEqual({ attempts: 2, pause: undefined });
  });
});

describe('an attempt that was never checked', () => {
  const giveBack = (key: string) => identity.db.write((tx) => giveBackAttempt(identity, tx, key));

  it('A066 does not count, and its pause is removed', async () => {
    const key = newKey();
    await attempt(key);
    await attempt(key);
    await giveBack(key);
    expect(await rowOf(key)).toMatchObject({ attempts: 1, blocked_until: 0 });
    expect(await attempt(key)).toEqual(allowed(2));
  });

  it('A066 leaves no row where it was the only one, and none where there was none', async () => {
    const key = newKey();
    await attempt(key);
    await giveBack(key);
    expect(await rowOf(key)).toBeUndefined();
    await giveBack(key);
    expect(await rowOf(key)).toBeUndefined();
  });
});

describe('a counted action', () => {
  const failing = (keys: string[], error: Error) => countedFor(identity, keys, () => Promise.reject(error));

  it('gives its result, and the count is kept', async () => {
    const key = newKey();
    await attempt(key);
    expect(await countedFor(identity, [key], async () => 'done')).toBe('done');
    expect((await rowOf(key))?.attempts).toBe(1);
  });

  it.each([
    ['no place in the queue', new QueueFullError(2)],
    ['no storage', new StorageUnavailableError('busy')],
  ])('A066 is taken back where there was %s', async (_what, error) => {
    const keys = [newKey(), newKey()];
    for (const key of keys) await attempt(key);
    await expect(failing(keys, error)).rejects.toBe(error);
    for (const key of keys) expect(await rowOf(key)).toBeUndefined();
  });

  it('A066 is not taken back for another error', async () => {
    const key = newKey();
    await attempt(key);
    const error = new Error('x');
    await expect(failing([key], error)).rejects.toBe(error);
    expect((await rowOf(key))?.attempts).toBe(1);
  });

  it('throws the first error where taking it back fails too', async () => {
    const error = new QueueFullError(2);
    const write = () => Promise.reject(new Error('second'));
    const context = { clock: identity.clock, db: { ...identity.db, write } };
    const acted = countedFor(context, [newKey()], () => Promise.reject(error));
    await expect(acted).rejects.toBe(error);
  });
});

describe('success', () => {
  it('L5 resets the count of one key', async () => {
    const [key, other] = [newKey(), newKey()];
    await attempt(key);
    await attempt(other);
    await identity.db.write((tx) => forgiveAttempts(tx, key));
    expect(await rowOf(key)).toBeUndefined();
    expect((await rowOf(other))?.attempts).toBe(1);
  });

  it('A069 of the user resets the counts of the account and of its known devices', async () => {
    for (const key of ['account:s', 'device:s', 'account:t']) await attempt(key);
    await identity.db.write((tx) => forgiveAccount(tx, 's'));
    expect(await rowOf('account:s')).toBeUndefined();
    expect(await rowOf('device:s')).toBeUndefined();
    expect((await rowOf('account:t'))?.attempts).toBe(1);
  });
});

describe('the policies', () => {
  const SECOND = 1000;
  const MINUTE = 60 * SECOND;

  it.each<[string, ThrottlePolicy, ThrottlePolicy]>([
    [
      'one account',
      accountPolicy,
      { free: 5, windowMs: undefined, firstPauseMs: SECOND, longestPauseMs: 15 * MINUTE, limit: 100 },
    ],
    [
      'one address',
      addressPolicy,
      {
        free: 50,
        windowMs: 10 * MINUTE,
        firstPauseMs: 10 * SECOND,
        longestPauseMs: 10 * MINUTE,
        limit: undefined,
      },
    ],
    [
      'one address under A071',
      alarmedAddressPolicy,
      {
        free: 5,
        windowMs: 10 * MINUTE,
        firstPauseMs: 10 * SECOND,
        longestPauseMs: 10 * MINUTE,
        limit: undefined,
      },
    ],
    [
      'registration',
      registrationPolicy,
      {
        free: 200,
        windowMs: 10 * MINUTE,
        firstPauseMs: 10 * SECOND,
        longestPauseMs: 10 * MINUTE,
        limit: undefined,
      },
    ],
    [
      'clients of one address',
      clientAddressPolicy,
      {
        free: 100,
        windowMs: 10 * MINUTE,
        firstPauseMs: SECOND,
        longestPauseMs: 5 * MINUTE,
        limit: undefined,
      },
    ],
    [
      'one client',
      clientPolicy,
      {
        free: 20,
        windowMs: 10 * MINUTE,
        firstPauseMs: SECOND,
        longestPauseMs: 5 * MINUTE,
        limit: undefined,
      },
    ],
  ])('of %s', (_what, policy, wanted) => {
    expect(policy).toEqual(wanted);
  });
});
