/** Whether it lasted long enough. What began later than now began before the clock was set back: that is over too. */
export function isOver(sinceMs: number, lastsMs: number, nowMs: number): boolean {
  const ageMs = nowMs - sinceMs;
  return ageMs < 0 || ageMs >= lastsMs;
}

/** Clocks of nodes beside each other differ by less: the doctor tolerates 5 seconds. */
export const CLOCKS_APART_MS = 10_000;

/** Whether a clock wrote it that was set back since: one that is right, or beside ours, cannot have. */
export function isFromAhead(atMs: number, nowMs: number): boolean {
  return atMs > nowMs + CLOCKS_APART_MS;
}
