/** A database file that links lead to. */
import { existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fileOfDatabase } from '../../src/storage/open-database-by-url.ts';
import { claimDatabaseFile, OWN_FILE_ADVICE } from '../../src/storage/sqlite/server-lock.ts';
import { runCommand } from '../support/command.ts';

let directory: string;
let link: string;
const name = (file: string) => join(directory, file);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-links-'));
  mkdirSync(name('real'));
  mkdirSync(name('mount'));
  link = name('mount/link.db');
  symlinkSync('../real/gatehouse.db', link);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const clientNamed = (app: string) => [
  'client',
  'create',
  '--name',
  app,
  '--type',
  'public',
  '--redirect-uri',
  'https://a.example/',
];

it('what is written through a link, to a file that is there or not yet, is durable and answered', async () => {
  const databases = ['sqlite:mount/link.db', 'sqlite:mount/link.db', 'sqlite:real/gatehouse.db'];
  for (const [index, database] of databases.entries()) {
    const ran = await runCommand(directory, database, clientNamed(`App ${index}`));
    const began = `There was no database yet: this began ${join(directory, 'real', 'gatehouse.db')}\n`;
    expect(ran).toMatchObject({ code: 0, err: index === 0 ? began : '' });
  }
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  const listed = await runCommand(directory, 'sqlite:real/gatehouse.db', ['client', 'list', '--json']);
  expect(JSON.parse(listed.out)).toHaveLength(3);
});

it('a file has one lock, whichever link leads to it, and restoring through a link keeps the link', async () => {
  await runCommand(directory, 'sqlite:real/gatehouse.db', clientNamed('App'));
  expect((await runCommand(directory, `sqlite:${link}`, ['database', 'backup', 'b.db'])).code).toBe(0);
  const claim = claimDatabaseFile(fileOfDatabase(`sqlite:${link}`) ?? '', OWN_FILE_ADVICE);
  const held = await runCommand(directory, 'sqlite:real/gatehouse.db', ['database', 'restore', 'b.db']);
  claim.release();
  expect(held).toMatchObject({ code: 4, err: expect.stringContaining('another Gatehouse server') });
  expect((await runCommand(directory, `sqlite:${link}`, ['database', 'restore', 'b.db'])).code).toBe(0);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(existsSync(`${link}.server-lock`)).toBe(false);
});

it('links in a circle are a sentence', async () => {
  symlinkSync('circle.db', name('circle.db'));
  const ran = await runCommand(directory, 'sqlite:circle.db', ['client', 'list']);
  expect(ran).toMatchObject({ code: 1, err: expect.stringContaining('circle.db cannot be opened') });
});
