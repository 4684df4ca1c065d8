import { LRUCache } from 'lru-cache';
import type { Clock } from './runtime.ts';

export interface RateOptions {
  readonly perSecond: number;
  /** What may come at once after a quiet time. */
  readonly atOnce: number;
  /** So many keys are told apart; the one not seen for longest is forgotten. */
  readonly keys: number;
}

export interface Rate {
  /** Counts one; gives the seconds to wait where it is one too many, and 0 otherwise. */
  take(key: string): number;
}

/** A token bucket for each key, in this process. */
export function createRate(clock: Clock, { perSecond, atOnce, keys }: RateOptions): Rate {
  const buckets = new LRUCache<string, { left: number; atMs: number }>({ max: keys });
  return {
    take(key) {
      const nowMs = clock.nowMs();
      const { left, atMs } = buckets.get(key) ?? { left: atOnce, atMs: nowMs };
      const filled = Math.min(atOnce, left + (Math.max(0, nowMs - atMs) / 1000) * perSecond);
      const isLeft = filled >= 1;
      buckets.set(key, { left: isLeft ? filled - 1 : filled, atMs: nowMs });
      return isLeft ? 0 : Math.ceil((1 - filled) / perSecond);
    },
  };
}
