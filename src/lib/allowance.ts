/** How much each of many may take: so much at once, then so much a second. Counting it writes nothing. */
import { createBoundedCache } from './bounded-cache.ts';
import type { Clock } from './clock-and-random.ts';

/** So many are told apart; who did not come for longest is forgotten. */
const KEYS = { entries: 50_000, bytes: 16 * 1024 * 1024, bytesOf: () => 8 };

export interface Allowance {
  /** Seconds to wait until there is so much again; 0 where it was there, and is taken. */
  take(key: string, amount?: number): number;
}

export interface AllowanceSize {
  readonly atOnce: number;
  readonly perSecond: number;
}

/**
 * Each key may take `atOnce` in one go, and gets back `perSecond`. The counts are in memory, so each process has its
 * own.
 */
export function createAllowance(clock: Clock, { atOnce, perSecond }: AllowanceSize): Allowance {
  const fullMs = (atOnce * 1000) / perSecond;
  const taken = createBoundedCache<{ readonly untilMs: number }>(KEYS);
  return {
    take(key, amount = 1) {
      const nowMs = clock.nowMs();
      const before = taken.get(key)?.untilMs ?? 0;
      // Later than it can be: the clock went back since.
      const fromMs = before > nowMs + fullMs ? nowMs : Math.max(nowMs, before);
      // When all of it is there again.
      const untilMs = fromMs + (amount * 1000) / perSecond;
      const missingMs = untilMs - nowMs - fullMs;
      if (missingMs > 0) return Math.ceil(missingMs / 1000);
      taken.set(key, { untilMs });
      return 0;
    },
  };
}
