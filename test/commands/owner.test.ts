/** What root makes in the place of a server that runs as another user belongs to that user. */
import {
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { changeOwner } from '../../src/lib/change-file-owner.ts';
import { createPrivateFile } from '../../src/lib/create-private-file-or-folder.ts';
import { runCommand } from '../support/command.ts';

const SERVICE = { uid: 12_345, gid: 12_346 };
const isRoot = process.getuid?.() === 0;

let directory: string;
let data: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-owner-'));
  data = join(directory, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (isRoot) for (const folder of [directory, data]) chownSync(folder, SERVICE.uid, SERVICE.gid);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const gatehouse = (...words: string[]) =>
  runCommand(directory, `sqlite:${join(data, 'gatehouse.db')}`, words);

/** Every file there is, with its owner where it is another than the service. */
function othersFiles(): string[] {
  return readdirSync(data).filter((name) => {
    const { uid, gid } = lstatSync(join(data, name));
    return uid !== SERVICE.uid || gid !== SERVICE.gid;
  });
}

it.runIf(isRoot)('restore as root keeps the owner, also of the files that it creates', async () => {
  expect((await gatehouse('user', 'create', '--username', 'alice')).code).toBe(0);
  expect(othersFiles()).toEqual([]);
  expect((await gatehouse('database', 'backup', join(data, 'backup.db'))).code).toBe(0);
  expect((await gatehouse('database', 'restore', join(data, 'backup.db'))).code).toBe(0);
  expect(readdirSync(data)).toEqual(expect.arrayContaining(['gatehouse.db', 'gatehouse.db.server-lock']));
  expect(othersFiles()).toEqual([]);
  rmSync(join(data, 'gatehouse.db'));
  rmSync(join(data, 'gatehouse.db.server-lock'));
  expect((await gatehouse('database', 'restore', join(data, 'backup.db'))).code).toBe(0);
  expect(othersFiles()).toEqual([]);
  const copied = [
    '--from',
    `sqlite:${join(data, 'gatehouse.db')}`,
    '--to',
    `sqlite:${join(data, 'copy.db')}`,
  ];
  expect((await gatehouse('database', 'copy', ...copied)).code).toBe(0);
  expect(othersFiles()).toEqual([]);
});

it.runIf(isRoot)(
  'root changes the owner of no file that is a symbolic link or has a second hard link',
  () => {
    const secret = join(directory, 'secret');
    writeFileSync(secret, '');
    const link = join(data, 'link');
    symlinkSync(secret, link);
    expect(() => changeOwner(link, SERVICE)).toThrow('ELOOP');
    expect(() => createPrivateFile(link)).toThrow('EEXIST');
    expect(lstatSync(secret).uid).toBe(0);
  },
);
