import { constants } from 'node:os';
import { removeUnfinished } from '../storage/unfinished-files.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** While `run` runs, a signal to stop removes what is unfinished and ends the process as shells expect: 128 and its number. */
export async function stoppable<Result>(run: () => Promise<Result>): Promise<Result> {
  const stop = (signal: NodeJS.Signals): never => {
    removeUnfinished();
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    return await run();
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}
