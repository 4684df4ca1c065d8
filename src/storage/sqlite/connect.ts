/** Opens SQLite files; no other module does. */
import { fileURLToPath } from 'node:url';
import SqliteDatabase from 'better-sqlite3';
import { StorageRefusedError } from '../storage-errors.ts';
import { pin } from './objects-kept-from-garbage-collection.ts';
import type { Connection } from './prepare-and-run-sql.ts';

/** The folder in which `npm ci` was run: above src/ and dist/. */
const INSTALLED_IN = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '');

/**
 * Temporary files are kept in memory: a container in which only the volume is writable has no folder for them. The largest
 * is that of an index that a migration creates, some 150 bytes for each row.
 *
 * Deleted data is overwritten. secure_delete = FAST would not overwrite pages that become free as a whole, which are most of
 * what the clean-up deletes, and every large row. ON costs the clean-up a sixth more writes, and requests nothing.
 */
export function connect(file: string, options: SqliteDatabase.Options = {}): Connection {
  const connection = pin(open(file, options));
  connection.exec('PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON');
  return connection;
}

function open(file: string, options: SqliteDatabase.Options): Connection {
  try {
    return new SqliteDatabase(file, options);
  } catch (error) {
    throw isLoading(error as NodeJS.ErrnoException) ? notLoaded(error as Error) : error;
  }
}

/** Whether loading the native library failed, which happens when the first file is opened. */
function isLoading({ code, message }: NodeJS.ErrnoException): boolean {
  return code === 'ERR_DLOPEN_FAILED' || message.startsWith('Could not locate the bindings file');
}

function notLoaded(error: Error): StorageRefusedError {
  const [seen] = error.message.replaceAll(/\s+/g, ' ').split(/\.? (?:Tried:|Please try)/);
  return new StorageRefusedError(
    `SQLite cannot be loaded by this Node, ${process.version} (${seen}). Nothing was done to the database. ` +
      `Most often Node was upgraded since npm ci, or ${INSTALLED_IN} comes from another machine: stop the server, ` +
      'type npm rebuild there, and start it; or go back to the Node of before (docs/how-to/upgrade.md)',
    { cause: error },
  );
}
