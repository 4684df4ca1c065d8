/** The one place where a SQLite file is opened. */
import SqliteDatabase from 'better-sqlite3';
import { pin } from './pinned.ts';
import type { Connection } from './sqlite-statements.ts';

/**
 * With its temporary files in memory: a container with nothing to write but the volume has no folder for them. The
 * largest is that of an index that a migration makes, some 150 bytes for each row.
 */
export function connect(file: string, options: SqliteDatabase.Options = {}): Connection {
  const connection = pin(new SqliteDatabase(file, options));
  connection.exec('PRAGMA temp_store = MEMORY');
  return connection;
}
