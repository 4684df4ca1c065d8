/** What the machine gives: time, chance and a place to log. Injected everywhere, so that tests own all three. */
import { randomFillSync } from 'node:crypto';

export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  nowMs(): number;
}

export interface Random {
  /** `count` unpredictable bytes, in a Buffer whose memory holds others beside them: neither to be sent nor cloned. */
  bytes(count: number): Buffer;
}

export interface Logger {
  debug(members: object, message?: string): void;
  info(members: object, message?: string): void;
  warn(members: object, message?: string): void;
  error(members: object, message?: string): void;
  /** One for each answered request. */
  request(line: RequestLine): void;
}

export interface RequestLine {
  readonly requestId: string;
  readonly method: string;
  /** A route's pattern, never a client's text. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
  readonly address: string;
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
        // A new one, as the last is still held by who drew from it.
        pool = randomFillSync(Buffer.allocUnsafeSlow(POOL_BYTES));
        used = 0;
      }
      used += count;
      return pool.subarray(used - count, used);
    },
  };
}
