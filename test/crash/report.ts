/** Plain lines, and an exit code that says whether all figures were reached. */
export interface Report {
  /** One figure that must be exactly so. */
  expect(what: string, seen: number | string, wanted: number | string): void;
  /** One figure that must not be above a limit. */
  atMost(what: string, seen: number, limit: number): void;
  /** Something that must not happen. */
  fail(what: string): void;
  say(line: string): void;
  /** The last line; sets the exit code. */
  finish(): void;
}

const SHOWN_FAILURES = 40;

export function createReport(): Report {
  let reached = 0;
  let missed = 0;
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const note = (isReached: boolean, line: string) => {
    if (isReached) reached += 1;
    else missed += 1;
    if (isReached || missed <= SHOWN_FAILURES) say(isReached ? line : `NOT REACHED: ${line}`);
  };
  return {
    say,
    expect: (what, seen, wanted) => note(seen === wanted, `${what}: ${seen} (wanted ${wanted})`),
    atMost: (what, seen, limit) => note(seen <= limit, `${what}: ${seen} (at most ${limit})`),
    fail: (what) => note(false, what),
    finish() {
      say(`${reached} passed, ${missed} failed`);
      if (missed > 0) process.exitCode = 1;
    },
  };
}
