/** Reports a failed write to standard output with one sentence and exit code 1, whenever it becomes known. */
import { say } from './print.ts';

export interface OutputWatch {
  /** Whether a write failed, which was reported then. */
  hasFailed(): boolean;
}

/** Output is written asynchronously, so that an error may occur after the command has ended. */
export function watchOutput(): OutputWatch {
  let hasFailed = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that closes the pipe early (| head) is not a failure: the command has done its work.
    if (error.code === 'EPIPE' || hasFailed) return;
    hasFailed = true;
    process.exitCode = 1;
    say(describeFailedWrite(error));
  });
  return { hasFailed: () => hasFailed };
}

/** The sentence about a failed write to standard output. It names the error's code, such as ENOSPC, or else its message. */
export function describeFailedWrite({ code, message }: NodeJS.ErrnoException): string {
  return `standard output could not be written (${code ?? message}); what it got is not complete, write it elsewhere`;
}
