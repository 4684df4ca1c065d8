import { asUnwritable } from '../../storage/sqlite/errors.ts';
import { StorageConflictError } from '../../storage/storage-errors.ts';
import { CommandError } from '../command-error.ts';
import { explain } from '../explain-correctable-errors.ts';

/** As {@link explain}; a conflict becomes exit code 4. */
export function explainStorage(error: unknown): never {
  if (error instanceof StorageConflictError) throw new CommandError(4, error.message);
  return explain(error);
}

/** Returns the error handler of a command that writes `file`: an error of the disk is explained with the name of the file. */
export function explainWriting(file: string): (error: unknown) => never {
  return (error) => explainStorage(asUnwritable(file, error));
}
