import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createPrivateFile } from '../lib/create-private-file-or-folder.ts';
import { decodeOperatorText, OperatorTextError } from '../lib/decode-operator-text.ts';
import { describeOwner } from '../lib/explain-file-access-error.ts';
import { ConfigurationError } from './configuration-error.ts';
import { makeDirectory } from './make-data-directory.ts';
import type { Settings } from './settings-schema.ts';
import { dataDirectoryOf } from './sqlite-file-and-folder.ts';

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
