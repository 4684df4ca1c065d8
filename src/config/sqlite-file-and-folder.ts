/** Where an installation keeps its files. */
import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';

/** The SQLite file of the setting `database`; undefined for other engines. */
export function databaseFileOf(database: string): string | undefined {
  return database.startsWith('sqlite:') ? resolve(database.slice('sqlite:'.length)) : undefined;
}

/** The folder of the SQLite file; undefined for other engines. */
export function dataDirectoryOf(database: string): string | undefined {
  const file = databaseFileOf(database);
  return file === undefined ? undefined : dirname(file);
}

/** Whether the folder of the database belongs to this user (or this user is root), and holds nothing else. */
export function isDedicatedFolder(file: string): boolean {
  const directory = dirname(file);
  const uid = process.geteuid?.() ?? 0;
  if (uid !== 0 && statSync(directory).uid !== uid) return false;
  const isOwn = (name: string) =>
    name.startsWith(basename(file)) || name === 'master.key' || name === 'lost+found';
  try {
    return readdirSync(directory).every(isOwn);
  } catch {
    // The folder may be entered but not listed.
    return false;
  }
}
