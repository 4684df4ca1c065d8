/** The one place where a SQLite file is opened. */
import { fileURLToPath } from 'node:url';
import SqliteDatabase from 'better-sqlite3';
import { StorageRefusedError } from '../database.ts';
import { pin } from './pinned-objects.ts';
import type { Connection } from './statements.ts';

/** Where `npm ci` was typed: above src/ and dist/. */
const INSTALLED_IN = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '');

/**
 * With its temporary files in memory: a container with nothing to write but the volume has no folder for them. The
 * largest is that of an index that a migration makes, some 150 bytes for each row.
 *
 * What is deleted is overwritten. FAST would spare pages that become free as a whole, which is most of what the clean-up
 * takes and every large row; this writes them, to the clean-up a sixth more, and nothing to what anybody waits for.
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

/** The library is loaded with the first file that is opened. */
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
