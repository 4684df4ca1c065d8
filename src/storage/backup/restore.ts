/** A backup comes into the place of the database, and nothing in it that may have ended since comes back to life. */
import { existsSync, linkSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { changeOwner, ownerOf } from '../../lib/private-file.ts';
import { StorageRefusedError, type Tx } from '../database.ts';
import { fileOfDatabase } from '../index.ts';
import type { Ended } from '../life-cycle.ts';
import { migrate } from '../migrate.ts';
import type { Carried } from '../restore-report.ts';
import { distrustAssertions } from '../revision.ts';
import { connect } from '../sqlite/connect.ts';
import { copyPrivately, removeDatabaseFile, renameDurably } from '../sqlite/database-file.ts';
import { isLock, UnusableFileError } from '../sqlite/errors.ts';
import { claimDatabaseFile } from '../sqlite/server-lock.ts';
import { countSelfRegisteredAsUsed } from '../tables/removed-clients.ts';
import { handlePendingSignals, registerUnfinished } from '../unfinished-files.ts';
import { usingDatabase } from '../using-database.ts';
import { type BackupParts, checkBackup } from './backup.ts';
import { carryOver, type NotCarried } from './carry-over.ts';
import { copyDatabase, prepareTarget } from './copy.ts';
import { startRestoreEpoch } from './restore-epoch.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

const ANOTHER_BACKUP = '; take another backup, or unpack this one first where it was compressed or encrypted';
const STOP_IT = 'Stop it first: a restore replaces what it works on';

export interface RestoreChoice {
  /** The operator says that nothing was spent or revoked since the backup. */
  readonly keepGrants: boolean;
  /** What was disabled, deleted or withdrawn since comes back too. */
  readonly bringBack?: boolean;
  /** Remembers it in what comes into the place. */
  readonly remember?: (tx: Tx) => void;
}

export interface Restored {
  /** Where the database that was there before is now. */
  readonly kept_aside: string | undefined;
  /** What ended; undefined where the operator said that nothing was spent or revoked since. */
  readonly ended: Ended | undefined;
  /** What was taken from the database that was there; undefined where nothing was. */
  readonly carried: Carried | undefined;
  /** Why nothing was. */
  readonly not_carried: NotCarried | undefined;
}

/**
 * Puts a backup in the place of the database, whose server must be stopped. Unless `keepGrants`, everything that
 * could have been spent or revoked since is ended (restore-epoch.ts). Throws {@link StorageRefusedError}.
 */
export async function restore(parts: BackupParts, backup: string, choice: RestoreChoice): Promise<Restored> {
  refuseUnusable(backup);
  const file = fileOfDatabase(parts.url);
  return file === undefined ? restoreByCopy(parts, backup, choice) : restoreFile(parts, file, backup, choice);
}

function refuseUnusable(backup: string): void {
  if (!existsSync(backup)) throw new StorageRefusedError(`there is no file ${backup}`);
  if ((statSync(`${backup}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) {
    throw new StorageRefusedError(
      `${backup} is a database in use, not a backup: ${backup}-wal holds a part of it. ` +
        'Make a backup of it first: gatehouse database backup FILE',
    );
  }
}

async function restoreFile(
  parts: BackupParts,
  file: string,
  backup: string,
  choice: RestoreChoice,
): Promise<Restored> {
  const claim = claimDatabaseFile(file, STOP_IT);
  const unfinished = `${file}.restoring`;
  const done = registerUnfinished(() => removeDatabaseFile(unfinished));
  try {
    removeDatabaseFile(unfinished);
    const ended = await prepare(parts, backup, unfinished, choice);
    const known = await learnFrom(parts, file, unfinished, choice);
    const held = holdAlone(file);
    try {
      changeOwner(unfinished, ownerOf(file) ?? ownerOf(dirname(file)));
      const kept_aside = setAside(file, `${file}.before-restore-${parts.clock.nowMs()}`);
      renameDurably(unfinished, file);
      return { kept_aside, ended, ...known };
    } finally {
      held.letGo();
    }
  } catch (error) {
    removeDatabaseFile(unfinished);
    throw error;
  } finally {
    done();
    claim.release();
  }
}

/** What the database that is replaced tells; where it tells nothing, assertions may have been used that it knew. */
async function learnFrom(
  parts: BackupParts,
  replaced: string,
  prepared: string,
  { keepGrants, bringBack = false }: RestoreChoice,
): Promise<Pick<Restored, 'carried' | 'not_carried'>> {
  const carried = carryOver(replaced, prepared, { nowMs: parts.clock.nowMs(), bringBack });
  if (typeof carried !== 'string') return { carried, not_carried: undefined };
  if (carried !== 'brought_back' && !keepGrants) await forgetAssertions(parts, prepared);
  return { carried: undefined, not_carried: carried };
}

function forgetAssertions({ clock }: BackupParts, prepared: string): Promise<void> {
  return usingDatabase(`sqlite:${prepared}`, (db) => db.write((tx) => distrustAssertions(tx, clock.nowMs())));
}

/** Into an empty database of another engine. What arrives there, in one transaction, has ended before. */
async function restoreByCopy(parts: BackupParts, backup: string, choice: RestoreChoice): Promise<Restored> {
  const directory = makeTemporaryFolder('restore');
  const prepared = join(directory, 'restoring.db');
  const done = registerUnfinished(() => rmSync(directory, { recursive: true, force: true }));
  try {
    const ended = await prepare(parts, backup, prepared, choice);
    if (!choice.keepGrants) await forgetAssertions(parts, prepared);
    await usingDatabase(parts.url, async (to) => {
      await usingDatabase(`sqlite:${prepared}`, async (from) => {
        await prepareTarget(from, to, parts.migrations, parts.clock);
        await copyDatabase(from, to, parts.migrations);
      });
    });
    return { kept_aside: undefined, ended, carried: undefined, not_carried: 'empty_target' };
  } finally {
    done();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A file of our own with what the backup holds, in today's form, and what must end ended. */
async function prepare(
  parts: BackupParts,
  backup: string,
  prepared: string,
  { keepGrants, remember }: RestoreChoice,
): Promise<Ended | undefined> {
  await copyPrivately(backup, prepared);
  await checkBackup(parts, prepared).catch((error) => {
    if (!(error instanceof StorageRefusedError)) throw error;
    const said = error instanceof UnusableFileError ? error.seen + ANOTHER_BACKUP : error.message;
    // The operator knows the backup's name, not that of our copy.
    throw new StorageRefusedError(said.replaceAll(prepared, backup));
  });
  return usingDatabase(`sqlite:${prepared}`, async (db) => {
    await migrate(db, parts.migrations, parts.clock);
    await handlePendingSignals();
    return db.write(async (tx) => {
      remember?.(tx);
      await countSelfRegisteredAsUsed(tx, parts.clock.nowMs());
      return keepGrants ? undefined : startRestoreEpoch(tx, parts.clock.nowMs());
    });
  });
}

/** A second name for the file. */
function setAside(file: string, aside: string): string | undefined {
  // Of one that is damaged or gone: the one that comes in its place must not read its log.
  for (const suffix of ['-wal', '-shm']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  }
  if (!existsSync(file)) return undefined;
  linkSync(file, aside);
  return aside;
}

/**
 * Folds the file's log in and keeps everybody else out until it is let go: SQLite finds a log by the file's name, so what
 * a command wrote there now would be read into the file that comes in its place. Without a log it is also a file that
 * SQLite writes nothing to once it was moved (SQLITE_READONLY_DBMOVED).
 */
function holdAlone(file: string): { letGo(): void } {
  if (!existsSync(file)) return { letGo() {} };
  const connection = connect(file);
  try {
    connection.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
  } catch (error) {
    connection.close();
    if (isLock(error)) throw new StorageRefusedError(`${file} is in use, as by a command; try again`);
    // Damaged: nobody can write to it.
    return { letGo() {} };
  }
  return { letGo: () => void connection.close() };
}
