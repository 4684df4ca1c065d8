import { chmodSync } from 'node:fs';
import SqliteDatabase from 'better-sqlite3';
import { StorageRefusedError } from './database.ts';
import { pin } from './pinned.ts';

export interface Claim {
  /** Leaves word in the lock file that a server ran on the database: it is not empty any more. */
  confirm(): void;
  release(): void;
}

/** The lock file of a database file. */
export function serverLockOf(file: string): string {
  return `${file}.server-lock`;
}

/**
 * Holds the server's place on a database file for as long as the process lives: the kernel drops the lock even
 * after kill -9. Commands beside the server do not take it. Throws {@link StorageRefusedError} where it is held.
 */
export function claimDatabaseFile(file: string): Claim {
  const lockFile = serverLockOf(file);
  const lock = pin(new SqliteDatabase(lockFile, { timeout: 0 }));
  chmodSync(lockFile, 0o600);
  const hold = () => lock.exec('BEGIN EXCLUSIVE');
  try {
    hold();
  } catch {
    lock.close();
    throw new StorageRefusedError(
      `another Gatehouse server already uses ${file} (it holds ${lockFile}).\n` +
        'Stop it first, or give this one a file of its own: GATEHOUSE_DATABASE=sqlite:data/other.db',
    );
  }
  return {
    confirm() {
      lock.exec('PRAGMA user_version = 1; COMMIT');
      hold();
    },
    release: () => lock.close(),
  };
}
