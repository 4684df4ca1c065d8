/** Commands that are stopped half-way. */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { removeDatabaseFile } from '../../src/storage/sqlite/file-operations.ts';
import { runCommand } from '../support/command.ts';

/** So much that a signal always comes while it is being copied. */
const ROWS = 60_000;
let directory: string;
const name = (file: string) => join(directory, file);

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-stopped-'));
  await runCommand(directory, 'sqlite:h.db', ['database', 'migrate']);
  const connection = new SqliteDatabase(name('h.db'));
  connection.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
    INSERT INTO revoked_tokens (jti, expires_at) SELECT hex(randomblob(500)), 9e15 FROM n`);
  connection.close();
  expect((await runCommand(directory, 'sqlite:h.db', ['database', 'backup', 'b.db'])).code).toBe(0);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What a command leaves whose process gets the signal as soon as a file of that name is there. */
async function stopped(words: readonly string[], signal: NodeJS.Signals, begun: RegExp) {
  const before = entries();
  const { code } = await runCommand(directory, 'sqlite:h.db', ['database', ...words], {
    shell: 'exec "$@" > out',
    whileRunning: (child) => signalOnce(child, signal, () => entries().some((entry) => begun.test(entry))),
  });
  return { code, left: entries().filter((entry) => !before.includes(entry)) };
}

function signalOnce(child: ChildProcess, signal: NodeJS.Signals, isTime: () => boolean): void {
  const asking = setInterval(() => {
    if (!isTime()) return;
    clearInterval(asking);
    child.kill(signal);
  }, 2);
  child.once('close', () => clearInterval(asking));
}

function entries(): string[] {
  const all = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  // The log of the database is SQLite's.
  return all.filter((entry) => !/^(out|h\.db-(wal|shm)|h\.db\.server-lock(-journal)?$)/.test(entry));
}

it('a backup, a restore and a copy that are stopped leave nothing, and exit with 128 and the signal', async () => {
  const cases = [
    [['backup', '-'], 'SIGINT', /^gatehouse-backup-.*unfinished/, 130],
    [['backup', 'new.db'], 'SIGTERM', /^new\.db\.unfinished-[\w-]+$/, 143],
    [['restore', 'b.db'], 'SIGHUP', /^h\.db\.restoring$/, 129],
    [['copy', '--from', 'sqlite:h.db', '--to', 'sqlite:c.db'], 'SIGINT', /^c\.db-wal$/, 130],
  ] as const;
  for (const [words, signal, begun, code] of cases) {
    expect(await stopped(words, signal, begun), words.join(' ')).toEqual({ code, left: [] });
  }
  expect((await runCommand(directory, 'sqlite:h.db', ['database', 'check'])).code).toBe(0);
});

it('a database file is moved with all files that SQLite keeps beside it', () => {
  for (const suffix of ['', '-wal', '-shm', '-journal']) writeFileSync(name(`gone.db${suffix}`), '');
  removeDatabaseFile(name('gone.db'));
  expect(entries().filter((entry) => entry.startsWith('gone.db'))).toEqual([]);
});
