/** Errors that an operator can correct, as a command prints them. */
import { ConfigurationError } from '../config/configuration-error.ts';
import { StorageMissingError, StorageRefusedError } from '../storage/storage-errors.ts';
import { CommandError } from './command-error.ts';

/** Turns errors that the operator can correct into CommandErrors, which are printed without a stack. */
export function explain(error: unknown): never {
  if (error instanceof StorageMissingError) throw new CommandError(3, error.message);
  if (error instanceof StorageRefusedError || error instanceof ConfigurationError)
    throw new CommandError(1, error.message);
  throw error;
}
