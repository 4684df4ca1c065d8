/**
 * At most so many notices of a kind to one address in an hour, whoever causes them. Each kind has its own count, so that
 * nobody hides one notice behind many others.
 */
import type { Settings } from '../config/settings-schema.ts';
import type { Clock } from '../lib/clock-and-random.ts';
import { deriveKey } from '../lib/derive-key.ts';
import { HOUR_MS } from '../lib/durations.ts';
import { hmacSha256 } from '../lib/sha256-and-hmac.ts';
import type { Tx } from '../storage/database.ts';
import { findThrottle, putThrottle } from '../storage/tables/throttles.ts';
import type { SecurityNotice } from './security-notices.ts';

const MOST_PER_HOUR = 3;

/** Counts the notice in the caller's transaction; gives how many too many there were, 0 where it may be sent. */
export async function countNotice(
  { clock, settings }: { readonly clock: Clock; readonly settings: Pick<Settings, 'masterKey'> },
  tx: Tx,
  notice: SecurityNotice,
  address: string,
): Promise<number> {
  const nowMs = clock.nowMs();
  const throttle_key = keyOf(settings, notice, address);
  const known = await findThrottle(tx, throttle_key, nowMs);
  const isInWindow = known !== undefined && nowMs < known.window_started_at + HOUR_MS;
  const window_started_at = isInWindow ? known.window_started_at : nowMs;
  const attempts = isInWindow ? known.attempts + 1 : 1;
  // The row is kept until the window is over.
  await putThrottle(tx, {
    throttle_key,
    attempts,
    window_started_at,
    blocked_until: window_started_at + HOUR_MS,
  });
  return Math.max(0, attempts - MOST_PER_HOUR);
}

/** The address is personal data, and an unkeyed hash of it could be guessed. */
function keyOf({ masterKey }: Pick<Settings, 'masterKey'>, notice: SecurityNotice, address: string): string {
  return `notice:${notice}:${hmacSha256(deriveKey(masterKey, 'notices per address'), address.toLowerCase())}`;
}
