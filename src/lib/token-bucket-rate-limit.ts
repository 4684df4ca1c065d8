/**
 * A rate limit for each of many keys (token bucket): an amount at once, then an amount per second. Counting writes no
 * row.
 */
import { createBoundedCache } from './bounded-cache.ts';
import type { Clock } from './clock-and-random.ts';

/** The most keys that are remembered; the least recently used one is forgotten first. */
const KEYS = { entries: 50_000, bytes: 16 * 1024 * 1024, bytesOf: () => 8 };

export interface Allowance {
  /** 0 if the amount was available, and it is then taken; otherwise the seconds until it will be. */
  take(key: string, amount?: number): number;
}

export interface AllowanceSize {
  readonly atOnce: number;
  readonly perSecond: number;
}

/**
 * Each key may take `atOnce` at once, and regains `perSecond` each second. The counts are in memory, so each process
 * has its own.
 */
export function createAllowance(clock: Clock, { atOnce, perSecond }: AllowanceSize): Allowance {
  const fullMs = (atOnce * 1000) / perSecond;
  const taken = createBoundedCache<{ readonly untilMs: number }>(KEYS);
  return {
    take(key, amount = 1) {
      const nowMs = clock.nowMs();
      const before = taken.get(key)?.untilMs ?? 0;
      // Later than possible: the clock was set back since.
      const fromMs = before > nowMs + fullMs ? nowMs : Math.max(nowMs, before);
      // When the full amount is available again.
      const untilMs = fromMs + (amount * 1000) / perSecond;
      const missingMs = untilMs - nowMs - fullMs;
      if (missingMs > 0) return Math.ceil(missingMs / 1000);
      taken.set(key, { untilMs });
      return 0;
    },
  };
}
