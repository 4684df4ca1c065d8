/** Development without a mail server: each mail is a file beside the database, and a line in the log. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory } from '../config/make-data-directory.ts';
import type { Settings } from '../config/settings-schema.ts';
import { dataDirectoryOf } from '../config/sqlite-file-and-folder.ts';
import { createPrivateFile } from '../lib/create-private-file-or-folder.ts';

/** The oldest files above this number are deleted. */
const MOST_FILES = 100;
const SUFFIX = '.eml';

/** The folder of the files. */
export function mailFolderOf({ database }: Pick<Settings, 'database'>): string {
  return join(dataDirectoryOf(database) ?? 'data', 'mail');
}

/** Writes the message to a file that only its owner may read, and gives its path. `id` is time-ordered. */
export function keepInFile(folder: string, id: string, message: Buffer): string {
  makeDirectory(folder);
  const file = join(folder, id + SUFFIX);
  rmSync(file, { force: true });
  createPrivateFile(file, message);
  const files = readdirSync(folder).filter((name) => name.endsWith(SUFFIX));
  for (const old of files.sort().slice(0, -MOST_FILES)) rmSync(join(folder, old), { force: true });
  return file;
}
