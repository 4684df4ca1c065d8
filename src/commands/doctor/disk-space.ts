/** Checks the space on the disk, and who may open the files. */

import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describeOtherAccess } from '../../config/file-access-by-others.ts';
import { fileOfDatabase } from '../../storage/open-database-by-url.ts';
import { fail, type OutsideCheck, pass, warn } from './check.ts';

const MEBIBYTE = 1024 * 1024;
const LOW_DISK_BYTES = 512 * MEBIBYTE;
/** Less than the size to which SQLite's write-ahead log grows. */
const FULL_DISK_BYTES = 16 * MEBIBYTE;

export const diskCheck: OutsideCheck = {
  name: 'disk',
  async look({ database }) {
    const file = fileOfDatabase(database);
    if (file === undefined) return pass(NO_FILES);
    const directory = nearestFolder(dirname(file));
    const { bavail, bsize, ffree, files } = await statfs(directory);
    const bytes = bavail * bsize;
    const evidence = `${Math.floor(bytes / MEBIBYTE)} MiB free in ${directory}`;
    // Some file systems have no inode count.
    if (files > 0 && ffree === 0)
      return fail(`no file can be made in ${directory}: no inode is free`, FREE_SPACE);
    if (bytes < FULL_DISK_BYTES) return fail(evidence, FREE_SPACE);
    return bytes > LOW_DISK_BYTES ? pass(evidence) : warn(evidence, FREE_SPACE);
  },
};

const NO_FILES = 'no files of its own: what is stored is on the disk of the database server';
const FREE_SPACE = 'make room: a full disk stops every sign-in';

/** The folder itself may not exist yet. */
function nearestFolder(directory: string): string {
  return existsSync(directory) || directory === dirname(directory)
    ? directory
    : nearestFolder(dirname(directory));
}

export const filesCheck: OutsideCheck = {
  name: 'files',
  async look({ database }) {
    const file = fileOfDatabase(database);
    if (file === undefined) return pass(NO_FILES);
    const directory = dirname(file);
    // Where no other user may enter the folder, the mode of the database file itself does not matter.
    const within = describeOtherAccess(directory) === undefined ? [] : [file, `${file}-wal`];
    const open = [directory, ...within, join(directory, 'master.key')].flatMap((path) => {
      const others = describeOtherAccess(path);
      return others === undefined ? [] : [`${path} by ${others}`];
    });
    if (open.length === 0) return pass(`no other user may open ${directory}`);
    return fail(`may be opened: ${open.join('; ')}`, `chmod -R go-rwx ${directory}`);
  },
};
