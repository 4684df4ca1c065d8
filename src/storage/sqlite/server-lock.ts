import { StorageConflictError } from '../conflict-error.ts';
import { StorageRefusedError } from '../database.ts';
import { connect } from './connect.ts';
import { createIfMissing } from './database-file.ts';
import { describeDenied, findDenied } from './denied-access.ts';
import { isLock } from './errors.ts';

export interface Claim {
  /** Leaves word in the lock file that a server ran on the database: it is not empty any more. */
  confirm(): void;
  release(): void;
}

/** The way out of whoever begins a server beside another one. */
export const OWN_FILE_ADVICE =
  'Stop it first, or give this one a file of its own: GATEHOUSE_DATABASE=sqlite:data/other.db';

/** The lock file of a database file. */
export function serverLockOf(file: string): string {
  return `${file}.server-lock`;
}

/**
 * Holds the server's place on a database file for as long as the process lives: the kernel drops the lock even
 * after kill -9. Commands beside the server do not take it. Throws {@link StorageConflictError} where it is held, and
 * {@link StorageRefusedError} where it cannot be taken. `wayOut` says what to do where it is held, which whoever asks
 * knows alone.
 */
export function claimDatabaseFile(file: string, wayOut: string): Claim {
  const lockFile = serverLockOf(file);
  // One that is there may be another's of the same group.
  createIfMissing(lockFile);
  const explained = explainer(file, wayOut);
  const lock = explained(() => connect(lockFile, { timeout: 0 }));
  const hold = () => lock.exec('BEGIN EXCLUSIVE');
  try {
    explained(hold);
  } catch (error) {
    lock.close();
    throw error;
  }
  return {
    confirm() {
      explained(() => {
        lock.exec('PRAGMA user_version = 1; COMMIT');
        hold();
      });
    },
    release: () => lock.close(),
  };
}

/** Only a lock means that somebody is there: a disk may be full, and a folder missing. What is refused was explained. */
function explainer(file: string, wayOut: string) {
  return <Result>(act: () => Result): Result => {
    try {
      return act();
    } catch (error) {
      if (error instanceof StorageRefusedError) throw error;
      throw isLock(error) ? taken(file, wayOut) : unusable(file, error as Error);
    }
  };
}

function taken(file: string, wayOut: string): StorageConflictError {
  return new StorageConflictError(
    `another Gatehouse server already uses ${file} (it holds ${serverLockOf(file)}).\n${wayOut}`,
  );
}

function unusable(file: string, error: Error & { readonly code?: unknown }): StorageRefusedError {
  const lockFile = serverLockOf(file);
  const shut = findDenied(lockFile);
  if (shut !== undefined)
    return new StorageRefusedError(
      `${file} cannot be used, as its lock file ${lockFile} cannot be written${describeDenied(shut)}`,
    );
  const seen = typeof error.code === 'string' ? `${error.code}: ${error.message}` : error.message;
  return new StorageRefusedError(
    `${file} cannot be used, as its lock file ${lockFile} cannot be written (${seen}).\n` +
      'Look whether its folder exists, may be written and has room; what stands in the place of the lock file may go',
  );
}
