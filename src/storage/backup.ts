/** Backups: a SQLite file with everything in it, whatever the engine; and back again. */
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import type { Clock } from '../lib/runtime.ts';
import { copyDatabase } from './copy.ts';
import { type Database, StorageRefusedError } from './database.ts';
import { claimDatabaseFile } from './exclusive.ts';
import { fileOfDatabase, openDatabase } from './index.ts';
import { type Migration, migrate, pendingMigrations } from './migrate.ts';
import { pin } from './pinned.ts';
import { type Ended, startRestoreEpoch } from './restore-epoch.ts';

export interface BackupParts {
  readonly url: string;
  readonly migrations: readonly Migration[];
  readonly clock: Clock;
}

/**
 * Writes what the database holds at one moment into a new file (mode 0600), while a server goes on writing. The file
 * has its name only when it is complete and sound. Throws {@link StorageRefusedError}.
 */
export async function backUp(parts: BackupParts, target: string): Promise<void> {
  if (existsSync(target)) throw new StorageRefusedError(`${target} is there already; give another name`);
  const unfinished = `${target}.unfinished`;
  removeDatabase(unfinished);
  try {
    closeSync(openSync(unfinished, 'wx', 0o600));
    const file = fileOfDatabase(parts.url);
    if (file === undefined) await copyInto(parts, unfinished);
    else snapshotInto(file, unfinished);
    await checkBackup(parts, unfinished);
    keep(unfinished, target);
  } catch (error) {
    removeDatabase(unfinished);
    throw error;
  }
}

/** One read transaction of SQLite's own: writers go on, and the copy is compact. */
function snapshotInto(file: string, target: string): void {
  const connection = pin(new SqliteDatabase(file, { fileMustExist: true }));
  try {
    pin(connection.prepare('VACUUM INTO ?')).run(target);
  } finally {
    connection.close();
  }
}

async function copyInto(parts: BackupParts, target: string): Promise<void> {
  await withDatabase(parts.url, (from) =>
    withDatabase(`sqlite:${target}`, async (to) => {
      await migrate(to, parts.migrations, parts.clock);
      await copyDatabase(from, to);
    }),
  );
}

/** Throws where the file is not a sound Gatehouse database that this version knows. */
async function checkBackup(parts: BackupParts, file: string): Promise<void> {
  await withDatabase(`sqlite:${file}`, async (db) => {
    const { findings } = await db.inspect();
    if (findings.length > 0) throw new StorageRefusedError(`${file} is damaged: ${findings.join('; ')}`);
    const pending = await pendingMigrations(db, parts.migrations);
    if (pending.length === parts.migrations.length)
      throw new StorageRefusedError(`${file} is not a Gatehouse database: it has none of its tables`);
  });
}

export interface Restored {
  /** Where the database that was there before is now. */
  readonly kept_aside: string | undefined;
  /** What ended; undefined where the operator said that nothing was spent or revoked since. */
  readonly ended: Ended | undefined;
}

/**
 * Puts a backup in the place of the database, whose server must be stopped. Unless `keepGrants`, everything that
 * could have been spent or revoked since is ended (restore-epoch.ts). Throws {@link StorageRefusedError}.
 */
export async function restore(
  parts: BackupParts,
  backup: string,
  { keepGrants }: { readonly keepGrants: boolean },
): Promise<Restored> {
  if (!existsSync(backup)) throw new StorageRefusedError(`there is no file ${backup}`);
  const file = fileOfDatabase(parts.url);
  return file === undefined
    ? restoreByCopy(parts, backup, keepGrants)
    : restoreFile(parts, file, backup, keepGrants);
}

async function restoreFile(
  parts: BackupParts,
  file: string,
  backup: string,
  keepGrants: boolean,
): Promise<Restored> {
  const claim = claimDatabaseFile(file);
  const unfinished = `${file}.restoring`;
  try {
    removeDatabase(unfinished);
    copyFileSync(backup, unfinished);
    await checkBackup(parts, unfinished);
    const ended = await withDatabase(`sqlite:${unfinished}`, (db) => prepare(parts, db, keepGrants));
    const kept_aside = setAside(file, `${file}.before-restore-${parts.clock.nowMs()}`);
    keep(unfinished, file);
    return { kept_aside, ended };
  } catch (error) {
    removeDatabase(unfinished);
    throw error;
  } finally {
    claim.release();
  }
}

/** Into an empty database of another engine. */
async function restoreByCopy(parts: BackupParts, backup: string, keepGrants: boolean): Promise<Restored> {
  await checkBackup(parts, backup);
  return withDatabase(parts.url, async (to) => {
    await migrate(to, parts.migrations, parts.clock);
    await withDatabase(`sqlite:${backup}`, (from) => copyDatabase(from, to));
    return { kept_aside: undefined, ended: await prepare(parts, to, keepGrants) };
  });
}

async function prepare(parts: BackupParts, db: Database, keepGrants: boolean): Promise<Ended | undefined> {
  await migrate(db, parts.migrations, parts.clock);
  return keepGrants ? undefined : db.write((tx) => startRestoreEpoch(tx, parts.clock.nowMs()));
}

/** A second name for the file; its log is folded in first, as it must not meet the file that comes in its place. */
function setAside(file: string, aside: string): string | undefined {
  if (!existsSync(file)) return undefined;
  try {
    pin(new SqliteDatabase(file)).exec('PRAGMA wal_checkpoint(TRUNCATE)').close();
  } catch {
    // Damaged: its log goes with it.
  }
  for (const suffix of ['-wal', '-shm']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  }
  linkSync(file, aside);
  return aside;
}

/** Everything is on the disk before the name is. */
function keep(from: string, to: string): void {
  flush(from);
  renameSync(from, to);
  flush(dirname(to));
}

function flush(path: string): void {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

function removeDatabase(file: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
}

async function withDatabase<Result>(url: string, act: (db: Database) => Promise<Result>): Promise<Result> {
  const db = openDatabase(url);
  try {
    return await act(db);
  } finally {
    await db.close();
  }
}
