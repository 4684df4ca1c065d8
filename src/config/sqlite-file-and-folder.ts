/** The file of an SQLite database, and its folder. */
import { dirname, resolve } from 'node:path';

/** The SQLite file of the setting `database`; undefined for other engines. */
export function databaseFileOf(database: string): string | undefined {
  return database.startsWith('sqlite:') ? resolve(database.slice('sqlite:'.length)) : undefined;
}

/** The folder of the SQLite file; undefined for other engines. */
export function dataDirectoryOf(database: string): string | undefined {
  const file = databaseFileOf(database);
  return file === undefined ? undefined : dirname(file);
}
