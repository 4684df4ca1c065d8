/** A database as a file among others: made under another name, and put in its place when it is whole. */
import {
  closeSync,
  createWriteStream,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { describeOwner } from '../../lib/path-owner.ts';
import { createPrivateFile } from '../../lib/private-file.ts';
import { StorageRefusedError } from '../database.ts';

/**
 * The one path of a file that several links may lead to, there or not yet: SQLite keeps its log beside the real file,
 * and two servers meet at one lock only where it has one name.
 */
export function realFile(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    const directory = realDirectory(dirname(path));
    // Links in a circle, and a folder that is shut: opening the file says so.
    const isShut = /^E(?:LOOP|ACCES)$/.test((error as NodeJS.ErrnoException).code ?? '');
    const isLink = !isShut && lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    return isLink ? realFile(resolve(directory, readlinkSync(path))) : join(directory, basename(path));
  }
}

function realDirectory(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

/** Everything is on the disk before the name is. */
export function renameDurably(from: string, to: string): void {
  flush(from);
  renameSync(from, to);
  flush(dirname(to));
}

/** What linking fails with where the disk knows no second names, as exFAT and some network disks. */
const WITHOUT_LINKS: readonly unknown[] = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'];

/** As {@link renameDurably}; throws where there is something of the name. */
export function moveIfMissing(from: string, to: string): void {
  flush(from);
  try {
    linkSync(from, to);
    rmSync(from);
  } catch (error) {
    if (!WITHOUT_LINKS.includes((error as NodeJS.ErrnoException).code) || existsSync(to)) throw error;
    renameSync(from, to);
  }
  flush(dirname(to));
}

/**
 * An empty file, before SQLite makes it: its owner and mode are right from the first byte on, and what SQLite keeps beside
 * it follows them.
 */
export function createIfMissing(file: string): void {
  try {
    createPrivateFile(file);
  } catch {
    // It is there already; what else keeps us from making it, SQLite says of opening it.
  }
}

/** The file and what SQLite keeps beside it. */
export function removeDatabaseFile(file: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(file + suffix, { force: true });
}

/**
 * Mode 0600 from the first byte, whatever the mode of the original. Throws where `to` is there, and
 * {@link StorageRefusedError} where `from` cannot be read: what writes is not to be blamed for that.
 */
export async function copyPrivately(from: string, to: string): Promise<void> {
  const source = await open(from).catch((error) => {
    throw asUnreadable(from, error);
  });
  try {
    createPrivateFile(to);
    const target = createWriteStream(to, { flags: 'r+' });
    await pipeline(source.createReadStream({ autoClose: false }), target).catch((error) => {
      throw error.syscall === 'read' ? asUnreadable(from, error) : error;
    });
  } finally {
    await source.close();
  }
}

/** Of a file that somebody named to be read. */
export function asUnreadable(file: string, error: NodeJS.ErrnoException): StorageRefusedError {
  return new StorageRefusedError(
    `${file} cannot be read (${error.code ?? error.message})${describeOwner(file, error)}; ` +
      'let this user read it, or copy it to where this user may',
  );
}

function flush(path: string): void {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}
