/** Before a server starts on a SQLite file: is it the one that was there, and whole? */
import { existsSync, statSync } from 'node:fs';
import { describeOwner } from '../../lib/path-owner.ts';
import { StorageMissingError, StorageRefusedError } from '../database.ts';
import { connect } from './connect.ts';
import { OWNERSHIP_ADVICE, refuseInaccessibleFile } from './denied-access.ts';
import { asRefused, damagedFile } from './errors.ts';
import { pin } from './pinned-objects.ts';
import { serverLockOf } from './server-lock.ts';
import type { Connection } from './statements.ts';

/** Reading every page of so many bytes takes a third of a second; larger files are for `database check`. */
const CHECKED_BYTES = 128 * 1024 * 1024;

/**
 * Throws {@link StorageRefusedError} where a server ran on the file before and it is gone, or nothing is left in it: a
 * new one in its place would look like an installation without users.
 */
export function refuseLostFile(file: string): void {
  const bytes = bytesOf(file);
  if (bytes) return;
  // SQLite would read the log of the one that is gone into the one that comes in its place.
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

/**
 * How many bytes there are; undefined where there is no file. Throws {@link StorageRefusedError} where this user may
 * not look.
 */
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
 * A question about a database, or a change of it, must not make one. Throws {@link StorageMissingError} where there was
 * none, and as {@link refuseLostFile} does where there was.
 */
export function refuseMissingFile(file: string): void {
  refuseLostFile(file);
  if (bytesOf(file)) return;
  throw new StorageMissingError(
    `there is no database ${file}. Run the command where the server runs, or name its settings (--config FILE); ` +
      'gatehouse serve makes a new one',
  );
}

/** Throws {@link StorageRefusedError} where nothing could be kept in the file, or what was there is lost, or another's. */
export function refuseUnusableFile(file: string): void {
  refuseLostFile(file);
  refuseInaccessibleFile(file);
  refuseForeignFile(file);
}

/** Throws {@link StorageRefusedError} where the file is a database of something else. */
export function refuseForeignFile(file: string): void {
  if (!existsSync(file)) return;
  const names = ask(file, `SELECT name FROM sqlite_master WHERE type = 'table'`);
  if (names.length > 0 && !names.includes('migrations')) {
    throw new StorageRefusedError(
      `${file} is not a Gatehouse database: it holds ${names.slice(0, 3).join(', ')}. Name another file`,
    );
  }
}

/** Throws {@link StorageRefusedError} where a page of the file is damaged. */
export function refuseDamagedFile(file: string): void {
  const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes === 0 || bytes > CHECKED_BYTES) return;
  const [line = ''] = ask(file, 'PRAGMA quick_check(1)');
  if (line !== 'ok') throw damagedFile(file, line.replace('*** in database main ***', '').trim());
}

/** The first column of what a question to the file gives. */
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
