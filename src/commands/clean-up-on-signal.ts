import { constants } from 'node:os';
import { removeUnfinished } from '../storage/register-unfinished-files.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * While `run` runs, a stop signal removes unfinished files and ends the process with 128 plus the signal number, as
 * shells expect.
 */
export async function cleaningUpOnSignal<Result>(run: () => Promise<Result>): Promise<Result> {
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
