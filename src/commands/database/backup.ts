import { rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { backUp } from '../../storage/backup/back-up-to-sqlite-file.ts';
import { describeTemporaryFolder, makeTemporaryFolder } from '../../storage/backup/make-temporary-folder.ts';
import { registerUnfinished } from '../../storage/register-unfinished-files.ts';
import { CommandError } from '../command-error.ts';
import { print } from '../print.ts';
import { describeFailedWrite } from '../report-failed-output.ts';
import { backupParts } from './backup-parts-from-settings.ts';
import type { Options } from './config-and-json-options.ts';
import { explainWriting } from './explain-storage-errors.ts';
import { refuseMissing } from './refuse-missing-or-lost-file.ts';

/**
 * Writes a backup to the new file `target`, or to standard output where `target` is `-`. Throws CommandError where
 * there is no database (exit code 3), the file exists already (4) or cannot be written (1).
 */
export async function backup(target: string, options: Options): Promise<void> {
  if (target === '-') return backupToOutput(options);
  const parts = await backupParts(options);
  refuseMissing(parts.url);
  await backUp(parts, target).catch(explainWriting(target));
  print({ file: target, bytes: statSync(target).size }, options.json === true);
}

/**
 * Writes the backup to a private temporary file first, so that it is complete and checked before its first byte is
 * printed. The file is unlinked before that, so that nothing is left however the command ends.
 */
async function backupToOutput(options: Options): Promise<void> {
  const parts = await backupParts(options);
  refuseMissing(parts.url);
  const directory = inTemporaryPlace(() => makeTemporaryFolder('backup'));
  const remove = () => rmSync(directory, { recursive: true, force: true });
  const done = registerUnfinished(remove);
  try {
    const file = join(directory, 'backup.db');
    await backUp(parts, file).catch(explainWriting(describeTemporaryFolder()));
    const handle = await open(file);
    rmSync(file);
    await pipeline(handle.createReadStream(), process.stdout, { end: false }).catch(explainOutput);
  } finally {
    remove();
    done();
  }
}

function inTemporaryPlace<Made>(make: () => Made): Made {
  try {
    return make();
  } catch (error) {
    return explainWriting(describeTemporaryFolder())(error);
  }
}

/** Unlike other output, a backup whose reader closes the pipe early is a failure: the reader has no backup. */
function explainOutput(error: NodeJS.ErrnoException): never {
  throw error.syscall === 'read' ? error : new CommandError(1, describeFailedWrite(error));
}
