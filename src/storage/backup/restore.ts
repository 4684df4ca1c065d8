/** Replaces the database with a backup, and makes sure that nothing that may have ended since is valid again. */
import { existsSync, linkSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { changeOwner, ownerOf } from '../../lib/change-file-owner.ts';
import { handlePendingSignals } from '../../lib/handle-pending-signals.ts';
import type { Tx } from '../database.ts';
import type { Ended } from '../life-cycle.ts';
import { migrate } from '../migrate.ts';
import { fileOfDatabase } from '../open-database-by-url.ts';
import { registerUnfinished } from '../register-unfinished-files.ts';
import type { Carried } from '../restore-report.ts';
import { distrustAssertions } from '../revision-and-restore-times.ts';
import { connect } from '../sqlite/connect.ts';
import { isLock, UnusableFileError } from '../sqlite/errors.ts';
import { copyPrivately, removeDatabaseFile, renameDurably } from '../sqlite/file-operations.ts';
import { claimDatabaseFile } from '../sqlite/server-lock.ts';
import { StorageRefusedError } from '../storage-errors.ts';
import { countSelfRegisteredAsUsed } from '../tables/disused-self-registered-clients.ts';
import { deleteAllMail } from '../tables/outbox.ts';
import { usingDatabase } from '../using-database.ts';
import { carryOver, type NotCarried } from './carry-over-from-replaced-database.ts';
import { type BackupParts, checkBackup } from './check-backup.ts';
import { copyDatabase, prepareTarget } from './copy.ts';
import { startRestoreEpoch } from './end-access-at-restore.ts';
import { makeTemporaryFolder } from './make-temporary-folder.ts';

const ANOTHER_BACKUP = '; take another backup, or unpack this one first where it was compressed or encrypted';
const STOP_IT = 'Stop it first: a restore replaces what it works on';

export interface RestoreChoice {
  /** The operator says that nothing was spent or revoked since the backup. */
  readonly keepGrants: boolean;
  /** Restores also what was disabled, deleted or withdrawn since. */
  readonly bringBack?: boolean;
  /** Records the restore in the new database. */
  readonly remember?: (tx: Tx) => void;
}

export interface Restored {
  /** The path to which the replaced database was moved. */
  readonly kept_aside: string | undefined;
  /** How much was ended; undefined if the operator said that nothing was spent or revoked since. */
  readonly ended: Ended | undefined;
  /** What was carried over from the replaced database; undefined if nothing was. */
  readonly carried: Carried | undefined;
  /** Why nothing was carried over. */
  readonly not_carried: NotCarried | undefined;
}

/**
 * Replaces the database with a backup; the server must be stopped. Unless `keepGrants`, everything that could have been
 * spent or revoked since is ended (end-access-at-restore.ts). Throws {@link StorageRefusedError}.
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
    const known = await carryOverFrom(parts, file, unfinished, choice);
    const lock = lockExclusively(file);
    try {
      changeOwner(unfinished, ownerOf(file) ?? ownerOf(dirname(file)));
      const kept_aside = setAside(file, `${file}.before-restore-${parts.clock.nowMs()}`);
      renameDurably(unfinished, file);
      return { kept_aside, ended, ...known };
    } finally {
      lock.release();
    }
  } catch (error) {
    removeDatabaseFile(unfinished);
    throw error;
  } finally {
    done();
    claim.release();
  }
}

/** Carries over from the replaced database. If it cannot be read, the client assertions that were used are unknown. */
async function carryOverFrom(
  parts: BackupParts,
  replaced: string,
  prepared: string,
  { keepGrants, bringBack = false }: RestoreChoice,
): Promise<Pick<Restored, 'carried' | 'not_carried'>> {
  const carried = carryOver(replaced, prepared, { nowMs: parts.clock.nowMs(), bringBack });
  if (typeof carried !== 'string') return { carried, not_carried: undefined };
  if (carried !== 'brought_back' && !keepGrants) await distrustEarlierAssertions(parts, prepared);
  return { carried: undefined, not_carried: carried };
}

function distrustEarlierAssertions({ clock }: BackupParts, prepared: string): Promise<void> {
  return usingDatabase(`sqlite:${prepared}`, (db) => db.write((tx) => distrustAssertions(tx, clock.nowMs())));
}

/** Restores into an empty database of another engine, in one transaction. What must end is ended before the copy. */
async function restoreByCopy(parts: BackupParts, backup: string, choice: RestoreChoice): Promise<Restored> {
  const directory = makeTemporaryFolder('restore');
  const prepared = join(directory, 'restoring.db');
  const done = registerUnfinished(() => rmSync(directory, { recursive: true, force: true }));
  try {
    const ended = await prepare(parts, backup, prepared, choice);
    if (!choice.keepGrants) await distrustEarlierAssertions(parts, prepared);
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

/** Makes a migrated copy of the backup in which everything that must end is ended. */
async function prepare(
  parts: BackupParts,
  backup: string,
  prepared: string,
  { keepGrants, remember }: RestoreChoice,
): Promise<Ended | undefined> {
  await copyPrivately(backup, prepared);
  await checkBackup(parts, prepared).catch((error) => {
    if (!(error instanceof StorageRefusedError)) throw error;
    const message = error instanceof UnusableFileError ? error.seen + ANOTHER_BACKUP : error.message;
    // The operator knows the backup's name, not that of our copy.
    throw new StorageRefusedError(message.replaceAll(prepared, backup));
  });
  return usingDatabase(`sqlite:${prepared}`, async (db) => {
    await migrate(db, parts.migrations, parts.clock);
    await handlePendingSignals();
    return db.write(async (tx) => {
      remember?.(tx);
      await countSelfRegisteredAsUsed(tx, parts.clock.nowMs());
      await deleteAllMail(tx);
      return keepGrants ? undefined : startRestoreEpoch(tx, parts.clock.nowMs());
    });
  });
}

/** Gives the file a second name. Returns it, or undefined if there is no file. */
function setAside(file: string, aside: string): string | undefined {
  // The log of a damaged or missing file: SQLite must not read it into the new file.
  for (const suffix of ['-wal', '-shm']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  }
  if (!existsSync(file)) return undefined;
  linkSync(file, aside);
  return aside;
}

/**
 * Checkpoints the log into the file and locks out every other connection until `release`: SQLite finds a log by the file's
 * name, so a write by a command now would be read into the new file. Without a log, SQLite also refuses to write to the file
 * after it was moved (SQLITE_READONLY_DBMOVED).
 */
function lockExclusively(file: string): { release(): void } {
  if (!existsSync(file)) return { release() {} };
  const connection = connect(file);
  try {
    connection.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
  } catch (error) {
    connection.close();
    if (isLock(error)) throw new StorageRefusedError(`${file} is in use, as by a command; try again`);
    // Damaged: no connection can write to it.
    return { release() {} };
  }
  return { release: () => void connection.close() };
}
