/** How long the event loop of another process is blocked (servers/loop-monitor.mjs). */
import { existsSync, readFileSync } from 'node:fs';

const ASK_MS = 2;
const SETTLE_MS = 50;

export interface Loop {
  /** From now on. */
  reset(): Promise<void>;
  /** Since the reset. */
  longestMs(): Promise<number>;
}

export function createLoop(pid: number, file: string): Loop {
  let asked = 0;
  async function ask(): Promise<number> {
    asked += 1;
    process.kill(pid, 'SIGUSR2');
    for (;;) {
      const { count, longestMs } = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { count: 0 };
      if (count === asked) return longestMs;
      await new Promise((resolve) => setTimeout(resolve, ASK_MS));
    }
  }
  return {
    async reset() {
      // Delays that earlier work caused are not counted.
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      await ask();
    },
    longestMs: ask,
  };
}
