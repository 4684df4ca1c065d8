import { chmodSync } from 'node:fs';
import SqliteDatabase from 'better-sqlite3';
import { StorageRefusedError } from './database.ts';
import { pin } from './pinned.ts';

/**
 * Holds the server's place on a database file for as long as the process lives: the kernel drops the lock even
 * after kill -9. Commands beside the server do not take it. Throws {@link StorageRefusedError} where it is held.
 */
export function claimDatabaseFile(file: string): { release(): void } {
  const lockFile = `${file}.server-lock`;
  const lock = pin(new SqliteDatabase(lockFile, { timeout: 0 }));
  chmodSync(lockFile, 0o600);
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch {
    lock.close();
    throw new StorageRefusedError(
      `another Gatehouse server already uses ${file} (it holds ${lockFile}).\n` +
        'Stop it first, or give this one a file of its own: GATEHOUSE_DATABASE=sqlite:data/other.db',
    );
  }
  return { release: () => lock.close() };
}
