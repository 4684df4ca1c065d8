/** Where an installation keeps its files. Reading the settings makes none of them: they are made when there is something to keep. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { decodeWritten, WrittenTextError } from '../lib/operator-text.ts';
import { whoseItIs } from '../lib/path-owner.ts';
import { createPrivateFile, createPrivateFolder } from '../lib/private-file.ts';
import { ConfigurationError } from './error.ts';
import type { Settings } from './schema.ts';

/** The SQLite file; undefined for other engines. */
export function databaseFileOf(database: string): string | undefined {
  return database.startsWith('sqlite:') ? resolve(database.slice('sqlite:'.length)) : undefined;
}

/** Its folder. */
export function dataDirectoryOf(database: string): string | undefined {
  const file = databaseFileOf(database);
  return file === undefined ? undefined : dirname(file);
}

/** Whether the folder of this database is this user's (or root asks), and holds nothing else. */
export function isFolderOfOwn(file: string): boolean {
  const directory = dirname(file);
  const uid = process.geteuid?.() ?? 0;
  if (uid !== 0 && statSync(directory).uid !== uid) return false;
  const isOwn = (name: string) =>
    name.startsWith(basename(file)) || name === 'master.key' || name === 'lost+found';
  try {
    return readdirSync(directory).every(isOwn);
  } catch {
    // It may be entered, and not be read.
    return false;
  }
}

/** In development alone: where the key beside the database is. */
export function developmentKeyFile(database: string): string {
  return join(dataDirectoryOf(database) ?? 'data', 'master.key');
}

/** The key in a file, or a new one for it. Throws {@link ConfigurationError} where it cannot be read. */
export function readDevelopmentKey(file: string): { readonly text: string; readonly isNew: boolean } {
  try {
    return { text: decodeWritten(readFileSync(file)).trim(), isNew: false };
  } catch (error) {
    if (error instanceof WrittenTextError) throw new ConfigurationError(`${file} ${error.message}`);
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      return { text: randomBytes(48).toString('base64url'), isNew: true };
    throw new ConfigurationError(
      `${file} cannot be read (${code})${whoseItIs(file, error as NodeJS.ErrnoException)}; ` +
        'run this as a user who may read it, or give it to this one (chown)',
    );
  }
}

/** Makes the folder of the database, where there is none; gives those that it made, the outermost first. */
export function makeDataDirectory({ database }: Pick<Settings, 'database'>): string[] {
  const directory = dataDirectoryOf(database);
  return directory === undefined ? [] : makeDirectory(directory);
}

/** Another process made up a master key in the same moment, and was faster. */
export class MasterKeyTakenError extends ConfigurationError {}

/** Puts the new master key into its file. Throws {@link MasterKeyTakenError}. */
export function keepMasterKey({ newMasterKey }: Pick<Settings, 'newMasterKey'>): void {
  if (!newMasterKey) return;
  const { file, text } = newMasterKey;
  makeDirectory(dirname(file));
  try {
    createPrivateFile(file, `${text}\n`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw new MasterKeyTakenError(`another process made ${file} meanwhile; start again`);
    const whose = whoseItIs(file, error as NodeJS.ErrnoException);
    throw new ConfigurationError(
      `${file} cannot be written (${code})${whose}; look at its folder and its disk`,
    );
  }
}

/** One by one: mkdir's own `recursive` never ends where a parent takes no folder and says that there is none (/proc). */
function makeDirectory(directory: string): string[] {
  if (existsSync(directory)) return [];
  const above = makeDirectory(dirname(directory));
  try {
    createPrivateFolder(directory);
    return [...above, directory];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return above;
    throw new ConfigurationError(
      `the folder ${directory} cannot be made (${code})${whoseItIs(directory, error as NodeJS.ErrnoException)}; ` +
        'make it, or name a database in a folder that can be written',
    );
  }
}
