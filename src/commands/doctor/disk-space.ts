/** Checks the space on the disk. */
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
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

export const NO_FILES = 'no files of its own: what is stored is on the disk of the database server';
const FREE_SPACE = 'make room: a full disk stops every sign-in';

/** The folder itself may not exist yet. */
function nearestFolder(directory: string): string {
  return existsSync(directory) || directory === dirname(directory)
    ? directory
    : nearestFolder(dirname(directory));
}
