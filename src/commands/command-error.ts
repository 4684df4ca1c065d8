/** The command cannot continue; the exit code is the kind of failure. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;
  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** 128 plus the number of SIGINT, as shells expect. */
export const STOPPED = 130;

/** 0 ok, 1 failed, 2 usage, 3 not found, 4 conflict; stopped by Ctrl+C. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | typeof STOPPED;
