/** Disk, files, and whether passwords can be hashed here. */
import { execFile } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { fileOfDatabase } from '../../storage/index.ts';
import { type Check, fail, pass, warn } from './check.ts';

const MEBIBYTE = 1024 * 1024;
const LOW_DISK_BYTES = 512 * MEBIBYTE;

export const databaseCheck: Check = {
  name: 'database',
  async run({ db }) {
    const { engine, settings, findings } = await db.inspect();
    const evidence = `${engine}, ${Object.entries(settings)
      .map(([name, value]) => `${name}=${value}`)
      .join(', ')}`;
    return findings.length === 0
      ? pass(evidence)
      : fail(findings.join('; '), 'stop the server and restore a backup');
  },
};

export const diskCheck: Check = {
  name: 'disk',
  async run({ settings }) {
    const directory = dirname(fileOfDatabase(settings.database) ?? '.');
    const { bavail, bsize } = await statfs(directory);
    const evidence = `${Math.round((bavail * bsize) / MEBIBYTE)} MiB free in ${directory}`;
    return bavail * bsize > LOW_DISK_BYTES
      ? pass(evidence)
      : warn(evidence, 'make room: a full disk stops every sign-in');
  },
};

export const filesCheck: Check = {
  name: 'files',
  async run({ settings }) {
    const file = fileOfDatabase(settings.database);
    if (file === undefined) return pass('no files of its own');
    const directory = dirname(file);
    const open = [directory, file, `${file}-wal`, join(directory, 'master.key')]
      .filter((path) => existsSync(path) && (statSync(path).mode & 0o077) !== 0)
      .filter(
        (path) => path === directory || (statSync(directory).mode & 0o077) !== 0 || path.endsWith('.key'),
      );
    if (open.length === 0) return pass(`${directory} is for its owner alone`);
    return fail(`others may read ${open.join(', ')}`, `chmod -R go-rwx ${directory}`);
  },
};

/** A prebuilt binary may not fit the machine's processor, so the trial runs in a process of its own. */
export const hashingCheck: Check = {
  name: 'password hashing',
  async run() {
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
