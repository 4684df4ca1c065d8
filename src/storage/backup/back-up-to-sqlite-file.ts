/** Backups: one SQLite file with all data, whatever the engine. */
import { existsSync } from 'node:fs';
import { createPrivateFile } from '../../lib/create-private-file-or-folder.ts';
import { handlePendingSignals } from '../../lib/handle-pending-signals.ts';
import { migrate } from '../migrate.ts';
import { fileOfDatabase } from '../open-database-by-url.ts';
import { registerUnfinished } from '../register-unfinished-files.ts';
import { connect } from '../sqlite/connect.ts';
import { asRefused } from '../sqlite/errors.ts';
import { refuseForeignFile } from '../sqlite/file-checks.ts';
import { moveIfMissing, removeDatabaseFile } from '../sqlite/file-operations.ts';
import { pin } from '../sqlite/objects-kept-from-garbage-collection.ts';
import { StorageConflictError, StorageRefusedError } from '../storage-errors.ts';
import { usingDatabase } from '../using-database.ts';
import { type BackupParts, checkBackup } from './check-backup.ts';
import { copyDatabase } from './copy.ts';
import { ownUnfinished, removeLeftovers } from './name-and-remove-unfinished-files.ts';

/**
 * Writes the content of the database at one moment into a new file (mode 0600), while a server continues to write. The file
 * gets its name only when it is complete and checked. Throws {@link StorageRefusedError}.
 */
export async function backUp(parts: BackupParts, target: string): Promise<void> {
  if (existsSync(target)) throw isThere(target);
  removeLeftovers(target);
  const unfinished = ownUnfinished(target);
  const remove = () => removeDatabaseFile(unfinished);
  const done = registerUnfinished(remove);
  try {
    makeEmpty(unfinished);
    const file = fileOfDatabase(parts.url);
    if (file === undefined) await copyInto(parts, unfinished);
    else snapshotInto(file, unfinished);
    await checkBackup(parts, unfinished);
    await handlePendingSignals();
    putInPlace(unfinished, target);
  } catch (error) {
    remove();
    throw error;
  } finally {
    done();
  }
}

function isThere(target: string): StorageConflictError {
  return new StorageConflictError(`${target} is there already; give another name`);
}

/** Another backup to the same name may have finished first. */
function putInPlace(unfinished: string, target: string): void {
  try {
    moveIfMissing(unfinished, target);
  } catch (error) {
    throw existsSync(target) ? isThere(target) : error;
  }
}

function makeEmpty(file: string): void {
  try {
    createPrivateFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') throw error;
    throw new StorageRefusedError(`no file can be made there: ${(error as Error).message}`);
  }
}

/** VACUUM INTO is one read transaction: writers continue, and the copy is compact. */
function snapshotInto(file: string, target: string): void {
  refuseForeignFile(file);
  const connection = connect(file, { fileMustExist: true });
  try {
    pin(connection.prepare('VACUUM INTO ?')).run(target);
  } catch (error) {
    throw asRefused(file, error);
  } finally {
    connection.close();
  }
}

async function copyInto(parts: BackupParts, target: string): Promise<void> {
  await usingDatabase(parts.url, (from) =>
    usingDatabase(`sqlite:${target}`, async (to) => {
      await migrate(to, parts.migrations, parts.clock);
      await copyDatabase(from, to, parts.migrations);
    }),
  );
}
