/** What keeps a command from the lock file of a database. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { claimDatabaseFile, OWN_FILE_ADVICE } from '../../src/storage/sqlite/server-lock.ts';
import { runCommand } from '../support/command.ts';

let directory: string;
const name = (file: string) => join(directory, file);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-lock-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const copyTo = (target: string) =>
  runCommand(directory, 'sqlite:h.db', ['database', 'copy', '--from', 'sqlite:h.db', '--to', target]);

it('a lock file that cannot be used is not reported as a running server: the error names the file, exit 1', async () => {
  await runCommand(directory, 'sqlite:h.db', ['database', 'migrate']);
  writeFileSync(name('foreign.db.server-lock'), 'notes of mine, no database '.repeat(100));
  mkdirSync(name('directory.db.server-lock'));
  for (const target of ['foreign.db', 'directory.db', 'missing/x.db']) {
    const { code, err } = await copyTo(`sqlite:${target}`);
    expect(err).toContain(`${target}.server-lock cannot be written`);
    expect(err).not.toMatch(/another Gatehouse|unexpected failure/);
    expect(code).toBe(1);
  }
  const served = await runCommand(directory, 'sqlite:foreign.db', ['serve']);
  expect(served).toMatchObject({
    code: 1,
    err: expect.stringMatching(/server-lock cannot be written \(SQLITE_NOTADB/),
  });
});

it('copying a database onto itself, however its URL is written, is exit 2', async () => {
  await runCommand(directory, 'sqlite:h.db', ['database', 'migrate']);
  symlinkSync('h.db', name('link.db'));
  for (const target of ['sqlite:h.db', 'sqlite:./h.db', 'sqlite:link.db', `sqlite:${name('h.db')}`]) {
    expect(await copyTo(target)).toMatchObject({
      code: 2,
      err: expect.stringContaining('the same database'),
    });
  }
});

it('a copy from or to a database that a server uses is exit 4, with the advice for a copy', async () => {
  await runCommand(directory, 'sqlite:h.db', ['database', 'migrate']);
  const ways = {
    'h.db': 'what it writes meanwhile would not be in the copy',
    'new.db': 'name another target: --to ',
  };
  for (const [held, way] of Object.entries(ways)) {
    const server = claimDatabaseFile(name(held), OWN_FILE_ADVICE);
    const { code, err } = await copyTo('sqlite:new.db');
    server.release();
    expect(err).toContain(`another Gatehouse server already uses ${name(held)}`);
    expect(err).toContain(`Stop it first`);
    expect(err).toContain(way);
    expect(err).not.toContain('GATEHOUSE_DATABASE');
    expect(code).toBe(4);
  }
});
