/** A database that the server's user may read and not write, as after a cp by root: nothing says that all is well. */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';

const TIMEOUT_MS = 120_000;
/** Of every Unix. */
const USER = 'daemon';
const isRoot = process.getuid?.() === 0 && existsSync('/usr/bin/setpriv');

describe.runIf(isRoot)('the server’s user may not write', () => {
  let directory: string;
  let data: string;
  let file: string;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'gatehouse-denied-access-'));
    [data, file] = [join(directory, 'data'), join(directory, 'data', 'gatehouse.db')];
    chmodSync(directory, 0o755);
    mkdirSync(data, { mode: 0o700 });
    await typed('true', `chown ${USER}: '${data}'; exec`);
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const typed = (words: string, who = `exec setpriv --reuid ${USER} --regid ${USER} --init-groups`) =>
    runCommand(directory, `sqlite:${file}`, words.split(' '), { shell: `cd /; ${who} "$@"` });
  const begin = () => typed('user create --username alice');

  function giveToRoot(path: string, mode: number): void {
    chownSync(path, 0, 0);
    chmodSync(path, mode);
  }

  const ofRoot = (mode: string) =>
    `belongs to root (mode ${mode}), and this runs as ${USER}; run this as that user, or give it to this one (chown)`;

  it(
    'its database: no server starts, and every command and doctor say whose it is',
    async () => {
      expect((await begin()).code).toBe(0);
      giveToRoot(file, 0o644);
      const sentence = `${file} cannot be written: it ${ofRoot('0644')}`;
      for (const words of ['serve', 'user list', 'group create staff']) {
        expect(await typed(words), words).toEqual({ code: 1, out: '', err: `${sentence}\n` });
      }
      const checked = await typed('database check --json');
      expect([checked.code, JSON.parse(checked.out).findings]).toEqual([1, [sentence]]);
      const { code, out } = await typed('doctor --json');
      const seen = JSON.parse(out).find(({ name }: { readonly name: string }) => name === 'database');
      expect([code, seen]).toMatchObject([1, { status: 'FAIL', evidence: sentence }]);
      chownSync(file, statSync(data).uid, statSync(data).gid);
      expect((await typed('group create staff')).code).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'what SQLite keeps beside it, or its folder',
    async () => {
      expect((await begin()).code).toBe(0);
      writeFileSync(`${file}-wal`, '');
      giveToRoot(`${file}-wal`, 0o644);
      expect((await typed('serve')).err).toBe(`${file}-wal cannot be written: it ${ofRoot('0644')}\n`);
      rmSync(`${file}-wal`);
      giveToRoot(data, 0o755);
      const folder = `its folder ${data} ${ofRoot('0755')}\n`;
      expect((await typed('user list')).err).toBe(`${file} cannot be written: ${folder}`);
      rmSync(`${file}.server-lock`, { force: true });
      expect((await typed('serve')).err).toBe(
        `${file} cannot be used, as its lock file ${file}.server-lock cannot be written: ${folder}`,
      );
      chmodSync(data, 0o700);
      expect((await typed('serve')).err).toBe(
        `${file} cannot be looked at (EACCES): its folder ${data} ${ofRoot('0700')}\n`,
      );
    },
    TIMEOUT_MS,
  );
});
