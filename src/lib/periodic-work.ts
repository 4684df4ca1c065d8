/** Work that is done from time to time, whoever asks for it or not. */
import type { Logger } from './clock-and-random.ts';

export interface Repeated {
  readonly everyMs: number;
  /** What the log calls it. */
  readonly name: string;
  run(): Promise<unknown>;
}

/** Starts all of it; the process need not live for it. What fails is logged, and tried again at its next turn. */
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
