/** Counts guesses at many accounts from many addresses, which no count of one account or address detects (A071). */
import type { Reader, Tx } from '../../storage/database.ts';
import { findThrottle, putThrottle } from '../../storage/tables/throttles.ts';
import type { IdentityContext } from '../context.ts';

const KEY = 'login:global';
const WINDOW_MS = 600_000;

/** This many first failures of accounts within ten minutes are an attack; unknown devices then have fewer tries per address. */
export const ALARM_FAILURES = 200;

/**
 * Counts the failure of an account, in the caller's transaction; true where the alarm begins with it. Each failure
 * beyond the threshold keeps the alarm up for another window.
 */
export async function countFailedAccount(context: Pick<IdentityContext, 'clock'>, tx: Tx): Promise<boolean> {
  const nowMs = context.clock.nowMs();
  const known = await findThrottle(tx, KEY, nowMs);
  const isInWindow = known !== undefined && nowMs < known.window_started_at + WINDOW_MS;
  const attempts = isInWindow ? known.attempts + 1 : 1;
  const wasUp = known !== undefined && known.blocked_until > nowMs;
  const isUp = attempts >= ALARM_FAILURES;
  await putThrottle(tx, {
    throttle_key: KEY,
    attempts,
    window_started_at: isInWindow ? known.window_started_at : nowMs,
    blocked_until: isUp ? nowMs + WINDOW_MS : (known?.blocked_until ?? 0),
  });
  return isUp && !wasUp;
}

/** Whether the alarm is on. */
export async function isAlarmed(context: Pick<IdentityContext, 'clock'>, db: Reader): Promise<boolean> {
  const nowMs = context.clock.nowMs();
  const row = await findThrottle(db, KEY, nowMs);
  return row !== undefined && row.blocked_until > nowMs;
}
