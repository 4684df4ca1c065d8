/** Counts attempts in the database before the guess is checked: exact under parallel guesses (ASVS V6.3.1). */
import { QueueFullError } from '../../lib/bounded-priority-work-queue.ts';
import type { Clock } from '../../lib/clock-and-random.ts';
import { CLOCK_SKEW_MS } from '../../lib/tolerate-clock-set-back.ts';
import type { Database, Reader, Tx } from '../../storage/database.ts';
import { StorageUnavailableError } from '../../storage/storage-errors.ts';
import { deleteThrottle, findThrottle, putThrottle } from '../../storage/tables/throttles.ts';
import { keptMsOf, LONGEST_KEPT_MS } from '../../storage/throttle-count-retention.ts';
import { accountKey, deviceKey } from './throttle-keys.ts';
import type { ThrottlePolicy } from './throttle-policies.ts';

export interface Pause {
  readonly allowed: false;
  readonly retryAfterSeconds: number;
}

export type Reservation = { readonly allowed: true; readonly attempts: number } | Pause;

/** Reads a count without a transaction, to refuse many attempts cheaply; without a pause, the attempt must still be counted. */
export async function findCount(
  context: { readonly clock: Clock },
  db: Reader,
  key: string,
): Promise<{ readonly attempts: number; readonly pause: Pause | undefined }> {
  const nowMs = context.clock.nowMs();
  const row = await findThrottle(db, key, nowMs);
  const waitMs = (row?.blocked_until ?? 0) - nowMs;
  return { attempts: row?.attempts ?? 0, pause: waitMs > 0 ? refused(waitMs) : undefined };
}

/** The pause of {@link findCount}. */
export async function findPause(
  context: { readonly clock: Clock },
  db: Reader,
  key: string,
): Promise<Pause | undefined> {
  return (await findCount(context, db, key)).pause;
}

/** Throws if the clean-up would delete the count while it still counts. */
function refuseForgotten(key: string, { windowMs, longestPauseMs }: ThrottlePolicy): void {
  const countsMs = windowMs === undefined ? LONGEST_KEPT_MS : windowMs + longestPauseMs;
  if (keptMsOf(key) >= countsMs) return;
  const [kind] = key.split(':', 1);
  throw new Error(`the count ${kind} is among the kinds that a short window forgets: give it another name`);
}

/** Counts one attempt, or says when to try again; in the caller's transaction. */
export async function reserveAttempt(
  context: { readonly clock: Clock },
  tx: Tx,
  key: string,
  policy: ThrottlePolicy,
): Promise<Reservation> {
  refuseForgotten(key, policy);
  const nowMs = context.clock.nowMs();
  const known = await findThrottle(tx, key, nowMs);
  const isOver = policy.windowMs !== undefined && known && nowMs >= known.window_started_at + policy.windowMs;
  const row =
    known && !(isOver && nowMs >= known.blocked_until)
      ? known
      : { throttle_key: key, attempts: 0, window_started_at: nowMs, blocked_until: 0 };
  if (row.blocked_until > nowMs) return refused(row.blocked_until - nowMs);
  if (policy.limit !== undefined && row.attempts >= policy.limit) return refused(policy.longestPauseMs);
  const attempts = row.attempts + 1;
  await putThrottle(tx, {
    ...row,
    attempts,
    blocked_until: blockedUntilMs(nowMs, pauseMs(policy, attempts)),
  });
  return { allowed: true, attempts };
}

/** Deletes a count after a success. */
export async function forgiveAttempts(tx: Tx, key: string): Promise<void> {
  await deleteThrottle(tx, key);
}

/** Deletes every count of an account, after its user signed in or got a new password. */
export async function forgiveAccount(tx: Tx, sub: string): Promise<void> {
  await forgiveAttempts(tx, accountKey(sub));
  await forgiveAttempts(tx, deviceKey(sub));
}

/**
 * Runs `act`, for which an attempt was counted under `keys`. If the queue is full or the storage is unavailable, takes the
 * attempt back and throws the error again.
 */
export async function countedFor<Result>(
  context: { readonly clock: Clock; readonly db: Database },
  keys: readonly string[],
  act: () => Promise<Result>,
): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof QueueFullError || error instanceof StorageUnavailableError)) throw error;
    await context.db
      .write(async (tx) => {
        for (const key of keys) await giveBackAttempt(context, tx, key);
      })
      // The first error is the one to report.
      .catch(() => {});
    throw error;
  }
}

/** Takes back the count of an attempt that was never checked. */
export async function giveBackAttempt(
  context: { readonly clock: Clock },
  tx: Tx,
  key: string,
): Promise<void> {
  const row = await findThrottle(tx, key, context.clock.nowMs());
  if (!row) return;
  // Deletes the row: otherwise a flood of unchecked names would leave a row each.
  if (row.attempts <= 1) await deleteThrottle(tx, key);
  else await putThrottle(tx, { ...row, attempts: row.attempts - 1, blocked_until: 0 });
}

/** Without a pause, a time that is past for every node: one whose clock is behind, or that waited, must not see a pause. */
function blockedUntilMs(nowMs: number, pause: number): number {
  return pause === 0 ? nowMs - CLOCK_SKEW_MS : nowMs + pause;
}

function pauseMs(policy: ThrottlePolicy, attempts: number): number {
  if (attempts < policy.free) return 0;
  return Math.min(policy.firstPauseMs * 2 ** Math.min(attempts - policy.free, 30), policy.longestPauseMs);
}

function refused(waitMs: number): Pause {
  return { allowed: false, retryAfterSeconds: Math.ceil(waitMs / 1000) };
}
