/** Work that is repeated at an interval. */
import type { Logger } from './log.ts';

export interface Repeated {
  readonly everyMs: number;
  /** What the log calls it. */
  readonly name: string;
  run(): Promise<unknown>;
}

/**
 * Starts all of it; the timers do not keep the process running. A failure is logged, and the work runs again at its
 * next interval.
 */
export function repeat(log: Logger, works: readonly Repeated[]): { stop(): void } {
  const timers = works.map(({ everyMs, name, run }) =>
    setInterval(() => {
      run().catch((error: unknown) => {
        log.error({ work: name, error: String(error) }, 'work in the background failed; it is tried again');
      });
    }, everyMs).unref(),
  );
  return {
    stop() {
      for (const timer of timers) clearInterval(timer);
    },
  };
}
