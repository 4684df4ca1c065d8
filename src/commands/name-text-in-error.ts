import { OperatorTextError } from '../lib/decode-operator-text.ts';
import { CommandError } from './command-error.ts';

/** Runs `read`; an error about its text becomes a CommandError that names the text as `what`. */
export function namingText<Result>(what: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    throw error instanceof OperatorTextError ? new CommandError(2, `${what} ${error.message}`) : error;
  }
}
