import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { createPrivateFolder } from '../lib/create-private-file-or-folder.ts';
import { describeOwner } from '../lib/explain-file-access-error.ts';
import { ConfigurationError } from './configuration-error.ts';
import type { Settings } from './settings-schema.ts';
import { dataDirectoryOf } from './sqlite-file-and-folder.ts';

/** Makes the folder of the database if it is missing. Returns the folders that it made, the outermost first. */
export function makeDataDirectory({ database }: Pick<Settings, 'database'>): string[] {
  const directory = dataDirectoryOf(database);
  return directory === undefined ? [] : makeDirectory(directory);
}

/** Makes the folder and those above it. One at a time: mkdir's `recursive` never returns if a parent answers ENOENT for a new folder (/proc). */
export function makeDirectory(directory: string): string[] {
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
