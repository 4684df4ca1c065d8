/** Checks the disk, file permissions, the limit of open files, and whether passwords can be hashed on this machine. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describeOtherAccess } from '../../config/access-by-others.ts';
import { openFileLimit } from '../../lib/open-file-limit.ts';
import { fileOfDatabase } from '../../storage/index.ts';
import { serverLockOf } from '../../storage/sqlite/server-lock.ts';
import { lackOfFiles } from '../server/too-few-open-files.ts';
import { fail, type OutsideCheck, pass, warn } from './check.ts';
import { lockHolders } from './lock-holders.ts';

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
    if (open.length === 0) return pass(`${directory} is shut to strangers`);
    return fail(`may be opened: ${open.join('; ')}`, `chmod -R go-rwx ${directory}`);
  },
};

/** The limit of the server's process, where it is found: systemd gives it another limit than an operator's shell has. */
export const openFilesCheck: OutsideCheck = {
  name: 'open files',
  async look(settings) {
    const file = fileOfDatabase(settings.database);
    const [server] = file === undefined ? [] : lockHolders(serverLockOf(file));
    const most = openFileLimit(server?.pid);
    const who = server === undefined ? 'this command' : `the server (pid ${server.pid})`;
    if (most === undefined) return pass('no limit is known here');
    const lack = lackOfFiles(settings, most);
    if (lack) return warn(`${who} ${lack.seen}`, lack.remedy);
    return pass(`${who} may open ${most}, and max_connections is ${settings.max_connections}`);
  },
};

/** A prebuilt binary may crash on this machine's processor, so the trial runs in a separate process. */
export const hashingCheck: OutsideCheck = {
  name: 'password hashing',
  async look() {
    const program = `import('@node-rs/argon2').then((m) => m.hash('trial', { memoryCost: 19456, timeCost: 2, parallelism: 1 }))`;
    try {
      await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
        cwd: new URL('../../..', import.meta.url),
        timeout: 20_000,
      });
      return pass('argon2id works');
    } catch (error) {
      return fail(
        `argon2 crashed (${(error as Error).message.split('\n')[0]})`,
        'run npm ci again on this machine, so that the binary for its processor is there',
      );
    }
  },
};
