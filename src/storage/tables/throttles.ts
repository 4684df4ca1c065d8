import type { Reader, Tx } from '../database.ts';

export interface ThrottleRow {
  throttle_key: string;
  attempts: number;
  window_started_at: number;
  blocked_until: number;
}

/** Longer than any pause, and than the difference between the clocks of nodes. */
const LATEST_MS = 3_600_000;

/**
 * The throttle, with impossible times corrected: those written by a clock that was ahead would block for as long as
 * it was ahead.
 */
export async function findThrottle(db: Reader, key: string, nowMs: number): Promise<ThrottleRow | undefined> {
  const row = await db.get<ThrottleRow>('SELECT * FROM throttles WHERE throttle_key = $1', key);
  const latestMs = nowMs + LATEST_MS;
  if (!row || (row.blocked_until <= latestMs && row.window_started_at <= latestMs)) return row;
  return { ...row, window_started_at: nowMs, blocked_until: 0 };
}

/** Inserts the row, or replaces the one with the same key. */
export async function putThrottle(tx: Tx, row: ThrottleRow): Promise<void> {
  await tx.run(
    `INSERT INTO throttles (throttle_key, attempts, window_started_at, blocked_until) VALUES ($1, $2, $3, $4)
     ON CONFLICT (throttle_key) DO UPDATE SET attempts = excluded.attempts,
       window_started_at = excluded.window_started_at, blocked_until = excluded.blocked_until`,
    row.throttle_key,
    row.attempts,
    row.window_started_at,
    row.blocked_until,
  );
}

/** Deletes the count: the next attempt counts as the first again. */
export async function deleteThrottle(tx: Tx, key: string): Promise<void> {
  await tx.run('DELETE FROM throttles WHERE throttle_key = $1', key);
}
