import type { Clock } from '../../src/lib/clock-and-random.ts';

/** A clock that tests move. Starts at the real time, so that other people's libraries agree with it. */
export interface TestClock extends Clock {
  advance(milliseconds: number): void;
  /** From now on only `advance` moves it, so that a pause does not end because the machine is busy. */
  hold(): void;
}

export function createTestClock(): TestClock {
  let offsetMs = 0;
  let heldMs: number | undefined;
  return {
    nowMs: () => (heldMs ?? Date.now()) + offsetMs,
    advance(milliseconds) {
      offsetMs += milliseconds;
    },
    hold() {
      heldMs ??= Date.now();
    },
  };
}
