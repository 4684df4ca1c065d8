/** Whether `lastsMs` have passed since `sinceMs`. A start in the future means that the clock was set back: true as well. */
export function hasElapsed(sinceMs: number, lastsMs: number, nowMs: number): boolean {
  const ageMs = nowMs - sinceMs;
  return ageMs < 0 || ageMs >= lastsMs;
}

/** The clocks of the nodes of one installation differ by less: the doctor tolerates 5 seconds. */
export const CLOCK_SKEW_MS = 10_000;

/**
 * Whether the time was written by a clock that was set back since: no correct clock, nor that of another node, is so
 * far ahead.
 */
export function isAheadOfClock(atMs: number, nowMs: number): boolean {
  return atMs > nowMs + CLOCK_SKEW_MS;
}
