/** Whether it lasted long enough. What began later than now began before the clock was set back: that is over too. */
export function isOver(sinceMs: number, lastsMs: number, nowMs: number): boolean {
  const ageMs = nowMs - sinceMs;
  return ageMs < 0 || ageMs >= lastsMs;
}
