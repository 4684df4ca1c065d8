/** Checks before a server starts: the SQLite file is the one it had before, and not damaged. */
import { existsSync, statSync } from 'node:fs';
import { describeOwner } from '../../lib/explain-file-access-error.ts';
import { StorageMissingError, StorageRefusedError } from '../storage-errors.ts';
import { connect } from './connect.ts';
import { OWNERSHIP_ADVICE, refuseInaccessibleFile } from './denied-access.ts';
import { asRefused, damagedFile } from './errors.ts';
import { pin } from './objects-kept-from-garbage-collection.ts';
import type { Connection } from './prepare-and-run-sql.ts';
import { serverLockOf } from './server-lock.ts';

/** Reading every page of a file of this size takes a third of a second; larger files are left to `database check`. */
const CHECKED_BYTES = 128 * 1024 * 1024;

/**
 * Throws {@link StorageRefusedError} if a server ran on the file before and it is now missing or empty: a new file would
 * look like an installation without users.
 */
export function refuseLostFile(file: string): void {
  const bytes = bytesOf(file);
  if (bytes) return;
  // SQLite would also read the log of the missing file into a new one.
  const left = [serverLockOf(file), `${file}-wal`].filter(bytesOf);
  if (left.length === 0) return;
  const names = left.join(' and ');
  throw new StorageRefusedError(
    `${file} is ${bytes === 0 ? 'empty' : 'gone'}, though a server ran on it before (it left ${names}).\n` +
      'Where the installation moved to another database, name that one in the settings (database). Otherwise put the file ' +
      'back, or restore a backup: gatehouse database restore FILE. ' +
      `To begin anew with an empty gatehouse, delete ${names}`,
  );
}

/** The size of the file; undefined if it is missing. Throws {@link StorageRefusedError} if this user may not stat it. */
export function bytesOf(file: string): number | undefined {
  try {
    return statSync(file).size;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new StorageRefusedError(
      code === 'EACCES'
        ? `${file} cannot be looked at (EACCES)${describeOwner(file, error as NodeJS.ErrnoException)}; ${OWNERSHIP_ADVICE}`
        : `${file} cannot be opened (${code}); check that its folder exists and may be written`,
    );
  }
}

/**
 * For commands that read or change a database and must not create one. Throws {@link StorageMissingError} if there never was
 * one, and as {@link refuseLostFile} does if there was.
 */
export function refuseMissingFile(file: string): void {
  refuseLostFile(file);
  if (bytesOf(file)) return;
  throw new StorageMissingError(
    `there is no database ${file}. Run the command where the server runs, or name its settings (--config FILE); ` +
      'gatehouse serve makes a new one',
  );
}

/** Throws {@link StorageRefusedError} if the file is lost, cannot be written, or is the database of another program. */
export function refuseUnusableFile(file: string): void {
  refuseLostFile(file);
  refuseInaccessibleFile(file);
  refuseForeignFile(file);
}

/** Throws {@link StorageRefusedError} if the file is the database of another program. */
export function refuseForeignFile(file: string): void {
  if (!existsSync(file)) return;
  const names = ask(file, `SELECT name FROM sqlite_master WHERE type = 'table'`);
  if (names.length > 0 && !names.includes('migrations')) {
    throw new StorageRefusedError(
      `${file} is not a Gatehouse database: it holds ${names.slice(0, 3).join(', ')}. Name another file`,
    );
  }
}

/** Throws {@link StorageRefusedError} if a page of the file is damaged. */
export function refuseDamagedFile(file: string): void {
  const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes === 0 || bytes > CHECKED_BYTES) return;
  const [line = ''] = ask(file, 'PRAGMA quick_check(1)');
  if (line !== 'ok') throw damagedFile(file, line.replace('*** in database main ***', '').trim());
}

/** The first column of the result of a query. */
function ask(file: string, sql: string): string[] {
  let connection: Connection | undefined;
  try {
    connection = connect(file);
    return pin(connection.prepare(sql)).pluck().all() as string[];
  } catch (error) {
    throw asRefused(file, error);
  } finally {
    connection?.close();
  }
}
