/** Operations on a database file: it is written under another name, and renamed when it is complete. */
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
import { createPrivateFile } from '../../lib/create-private-file-or-folder.ts';
import { describeOwner } from '../../lib/explain-file-access-error.ts';
import { StorageRefusedError } from '../storage-errors.ts';

/**
 * The path of a file with symbolic links resolved, whether the file exists or not: SQLite keeps its log beside the real
 * file, and two servers see the same lock only if they use the same path.
 */
export function realFile(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    const directory = realDirectory(dirname(path));
    // A circle of links or a folder without access: opening the file then reports the error.
    const isUnresolvable = /^E(?:LOOP|ACCES)$/.test((error as NodeJS.ErrnoException).code ?? '');
    const isLink = !isUnresolvable && lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
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

/** Renames a file durably: its content is flushed before the new name exists. */
export function renameDurably(from: string, to: string): void {
  flush(from);
  renameSync(from, to);
  flush(dirname(to));
}

/** Error codes of file systems without hard links, such as exFAT and some network disks. */
const WITHOUT_LINKS: readonly unknown[] = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'];

/** As {@link renameDurably}, but throws if the new name exists. */
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
 * Creates an empty file before SQLite does, so that its owner and mode are right from the first byte on; SQLite gives the
 * same to the files beside it.
 */
export function createIfMissing(file: string): void {
  try {
    createPrivateFile(file);
  } catch {
    // It exists already; any other error is reported when SQLite opens it.
  }
}

/** Deletes the file and those that SQLite keeps beside it. */
export function removeDatabaseFile(file: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(file + suffix, { force: true });
}

/**
 * Copies a file; the copy has mode 0600 from the first byte on. Throws if `to` exists, and {@link StorageRefusedError} if
 * `from` cannot be read, so that the error is not reported as one of writing.
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

/** The error for a file that an operator named and that cannot be read. */
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
