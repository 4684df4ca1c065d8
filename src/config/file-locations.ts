/**
 * Where an installation keeps its files. Reading the settings creates none; they are created when there is something
 * to store.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { decodeOperatorText, OperatorTextError } from '../lib/operator-text.ts';
import { describeOwner } from '../lib/path-owner.ts';
import { createPrivateFile, createPrivateFolder } from '../lib/private-file.ts';
import { ConfigurationError } from './configuration-error.ts';
import type { Settings } from './settings-schema.ts';

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

/** Where the master key of a development installation is: beside the database. */
export function developmentKeyFile(database: string): string {
  return join(dataDirectoryOf(database) ?? 'data', 'master.key');
}

/** The key in the file, or a new one if there is no file. Throws {@link ConfigurationError} if the file cannot be read. */
export function readDevelopmentKey(file: string): { readonly text: string; readonly isNew: boolean } {
  try {
    return { text: decodeOperatorText(readFileSync(file)).trim(), isNew: false };
  } catch (error) {
    if (error instanceof OperatorTextError) throw new ConfigurationError(`${file} ${error.message}`);
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      return { text: randomBytes(48).toString('base64url'), isNew: true };
    throw new ConfigurationError(
      `${file} cannot be read (${code})${describeOwner(file, error as NodeJS.ErrnoException)}; ` +
        'run this as a user who may read it, or give it to this one (chown)',
    );
  }
}

/** Makes the folder of the database if it is missing. Returns the folders that it made, the outermost first. */
export function makeDataDirectory({ database }: Pick<Settings, 'database'>): string[] {
  const directory = dataDirectoryOf(database);
  return directory === undefined ? [] : makeDirectory(directory);
}

/** Another process generated a master key at the same time and wrote it first. */
export class MasterKeyTakenError extends ConfigurationError {}

/** Writes the new master key to its file. Throws {@link MasterKeyTakenError}. */
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
    const whose = describeOwner(file, error as NodeJS.ErrnoException);
    throw new ConfigurationError(
      `${file} cannot be written (${code})${whose}; look at its folder and its disk`,
    );
  }
}

/** One folder at a time: mkdir's `recursive` never returns if a parent answers ENOENT for a new folder (/proc). */
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
      `the folder ${directory} cannot be made (${code})${describeOwner(directory, error as NodeJS.ErrnoException)}; ` +
        'make it, or name a database in a folder that can be written',
    );
  }
}
