/** Standard output that cannot be written: a sentence, and exit code 1 whenever it comes to light. */
import { say } from './terminal.ts';

export interface OutputWatch {
  /** It could not be written, and that was said. */
  hasFailed(): boolean;
}

/** What a command prints is written behind its back, and the error may come after its end. */
export function watchOutput(): OutputWatch {
  let hasFailed = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that had enough (| head) is no failure: what the command did is done.
    if (error.code === 'EPIPE' || hasFailed) return;
    hasFailed = true;
    process.exitCode = 1;
    say(unwritten(error));
  });
  return { hasFailed: () => hasFailed };
}

/** The sentence about a failed write to standard output. It names the error's code, such as ENOSPC, or else its message. */
export function unwritten({ code, message }: NodeJS.ErrnoException): string {
  return `standard output could not be written (${code ?? message}); what it got is not complete, write it elsewhere`;
}
