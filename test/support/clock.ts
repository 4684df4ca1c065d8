import type { Clock } from '../../src/lib/runtime.ts';

/** A clock that tests move. Starts at the real time, so that other people's libraries agree with it. */
export interface TestClock extends Clock {
  advance(milliseconds: number): void;
}

export function createTestClock(): TestClock {
  let offsetMs = 0;
  return {
    nowMs: () => Date.now() + offsetMs,
    advance(milliseconds) {
      offsetMs += milliseconds;
    },
  };
}
