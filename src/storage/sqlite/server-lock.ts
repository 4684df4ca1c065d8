import { StorageConflictError, StorageRefusedError } from '../storage-errors.ts';
import { connect } from './connect.ts';
import { describeDenied, findDenied } from './denied-access.ts';
import { isLock } from './errors.ts';
import { createIfMissing } from './file-operations.ts';

export interface Claim {
  /** Records in the lock file, which is then no longer empty, that a server ran on the database. */
  confirm(): void;
  release(): void;
}

/** The advice for a second server on the same file. */
export const OWN_FILE_ADVICE =
  'Stop it first, or give this one a file of its own: GATEHOUSE_DATABASE=sqlite:data/other.db';

/** The lock file of a database file. */
export function serverLockOf(file: string): string {
  return `${file}.server-lock`;
}

/**
 * Holds the server lock of a database file until the process ends: the kernel releases it even after kill -9. Commands do
 * not take it. Throws {@link StorageConflictError} if another process holds it, and {@link StorageRefusedError} if it cannot
 * be taken. `advice` is the caller's advice for the first case.
 */
export function claimDatabaseFile(file: string, advice: string): Claim {
  const lockFile = serverLockOf(file);
  // An existing lock file may belong to another user of the same group.
  createIfMissing(lockFile);
  const explained = explainer(file, advice);
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

/** Turns errors into sentences. Only a held lock means that a server runs; the disk may be full or the folder missing. */
function explainer(file: string, advice: string) {
  return <Result>(act: () => Result): Result => {
    try {
      return act();
    } catch (error) {
      if (error instanceof StorageRefusedError) throw error;
      throw isLock(error) ? taken(file, advice) : unusable(file, error as Error);
    }
  };
}

function taken(file: string, advice: string): StorageConflictError {
  return new StorageConflictError(
    `another Gatehouse server already uses ${file} (it holds ${serverLockOf(file)}).\n${advice}`,
  );
}

function unusable(file: string, error: Error & { readonly code?: unknown }): StorageRefusedError {
  const lockFile = serverLockOf(file);
  const denied = findDenied(lockFile);
  if (denied !== undefined)
    return new StorageRefusedError(
      `${file} cannot be used, as its lock file ${lockFile} cannot be written${describeDenied(denied)}`,
    );
  const seen = typeof error.code === 'string' ? `${error.code}: ${error.message}` : error.message;
  return new StorageRefusedError(
    `${file} cannot be used, as its lock file ${lockFile} cannot be written (${seen}).\n` +
      'Look whether its folder exists, may be written and has room; what stands in the place of the lock file may go',
  );
}
