/** What the database commands say when something is wrong: what was seen, where, and what to write instead. */
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { freePort } from '../support/free-port.ts';

/** A file may not become longer than so many blocks of 512 bytes: as good as a full disk. */
const SMALL_FILES = 'ulimit -f 200; exec "$@"';
const STRANGER = 12_345;
const isRoot = process.getuid?.() === 0;
/** Root may read everything by two capabilities, which it can give away for good. */
const WITHOUT_PRIVILEGE = isRoot
  ? 'exec setpriv --bounding-set=-dac_override,-dac_read_search "$@"'
  : 'exec "$@"';
let directory: string;
const name = (file: string) => join(directory, file);
const run = (words: readonly string[], shell?: string, database = 'sqlite:h.db') =>
  runCommand(directory, database, ['database', ...words], shell === undefined ? {} : { shell });
const copy = (from: string, to: string, shell?: string) => run(['copy', '--from', from, '--to', to], shell);

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-messages-'));
  await run(['migrate']);
  const connection = new SqliteDatabase(name('h.db'));
  connection.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
    INSERT INTO revoked_tokens (jti, expires_at) SELECT hex(randomblob(50)), 9e15 FROM n`);
  connection.close();
  await run(['backup', 'b.db']);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('a disk that takes no more is named with the file, and nothing stays of what was begun', async () => {
  const before = readdirSync(directory).sort();
  const cases = [
    [await run(['backup', 'new.db'], SMALL_FILES), /^new\.db could not be written \(/],
    [await run(['backup', '-'], SMALL_FILES), /\S+ \(the variable TMPDIR names another folder\) could not/],
    [await run(['restore', 'b.db'], SMALL_FILES), /h\.db could not be written \(EFBIG: /],
    [await copy('sqlite:h.db', 'sqlite:c.db', SMALL_FILES), /c\.db could not be written/],
  ] as const;
  for (const [{ code, err }, sentence] of cases) {
    expect(err).toMatch(sentence);
    expect(err).toContain('look whether its disk has room');
    expect(err).not.toContain('unexpected failure');
    expect(code).toBe(1);
  }
  const own = (entry: string) => !/^(h\.db-|h\.db\.server-lock)/.test(entry);
  expect(readdirSync(directory).sort().filter(own)).toEqual(before.filter(own));
});

it('a backup that this user may not read, or not write there, is named itself with whose that is, and not the database', async () => {
  const shut = name('shut');
  mkdirSync(shut);
  copyFileSync(name('b.db'), join(shut, 'b.db'));
  copyFileSync(name('b.db'), name('foreign.db'));
  for (const path of [shut, name('foreign.db')]) {
    if (isRoot) chownSync(path, STRANGER, STRANGER);
    chmodSync(path, isRoot ? 0o700 : 0);
  }
  const owner = isRoot ? `the user with the number ${STRANGER} \\(mode 0700\\)` : '.*';
  const file = await run(['restore', 'foreign.db'], WITHOUT_PRIVILEGE);
  expect(file.err).toMatch(
    new RegExp(`^foreign.db cannot be read \\(EACCES\\): it belongs to ${owner}, and this runs as`),
  );
  const folder = await run(['restore', 'shut/b.db'], WITHOUT_PRIVILEGE);
  expect(folder.err).toMatch(
    new RegExp(`^shut/b.db cannot be read \\(EACCES\\): its folder ${shut} belongs to ${owner}, and this`),
  );
  const target = await run(['backup', 'shut/new.db'], WITHOUT_PRIVILEGE);
  expect(target.err).toMatch(
    new RegExp(
      `^shut/new.db could not be written \\(EACCES\\): its folder ${shut} belongs to ${owner}, and this runs`,
    ),
  );
  for (const { code, err } of [file, folder, target]) {
    expect(code).toBe(1);
    expect(err).not.toMatch(/h\.db|unexpected failure|has room/);
  }
  chmodSync(shut, 0o700);
});

it('restoring what is not there is exit 3, and a folder exit 2', async () => {
  expect(await run(['restore', 'nope.db'])).toMatchObject({
    code: 3,
    err: expect.stringContaining('no file nope.db'),
  });
  expect(await run(['restore', '.'])).toMatchObject({ code: 2, err: expect.stringContaining('is a folder') });
});

it('an unreachable PostgreSQL is named by host and port, never with its password', async () => {
  const port = await freePort();
  const url = `postgres://gatehouse:very-secret@127.0.0.1:${port}/gatehouse`;
  for (const ran of [
    await run(['check'], undefined, url),
    await run(['backup', 'p.db'], undefined, url),
    await run(['migrate'], undefined, url),
    await copy(url, 'sqlite:p.db'),
    await copy('sqlite:h.db', url),
    await runCommand(directory, url, ['client', 'list']),
  ]) {
    expect(ran.err).toMatch(
      new RegExp(`the database at 127.0.0.1:${port} does not answer \\(ECONNREFUSED\\); look`),
    );
    expect(ran.err).not.toMatch(/very-secret|unexpected failure/);
    expect(ran.code).toBe(1);
  }
  expect(existsSync(name('p.db'))).toBe(false);
  expect(existsSync(name('p.db.server-lock'))).toBe(false);
});

it('a URL without an engine is exit 2 with how to write it, without what may be a password', async () => {
  expect(await copy('sqlite:h.db', 'data/new.db')).toMatchObject({
    code: 2,
    err: expect.stringContaining('write sqlite:data/new.db or postgres://'),
  });
  const other = await copy('mysql://me:very-secret@h/db', 'sqlite:x.db');
  expect(other).toMatchObject({ code: 2, err: expect.stringContaining('no storage engine for "mysql:"') });
  const slips = [
    '"postgres://u:very-secret@h/db"',
    'postgres//u:very-secret@h/db',
    'host=h password=very-secret',
  ];
  const told = [other, ...(await Promise.all(slips.map((slip) => copy(slip, 'sqlite:x.db'))))];
  expect(told.map(({ code }) => code)).toEqual([2, 2, 2, 2]);
  expect(told.map(({ err }) => err).join()).not.toContain('very-secret');
});

it('a dry run of the migrations makes no file, and a failed copy leaves none that it made', async () => {
  const { code, out } = await run(['migrate', '--dry-run', '--json'], undefined, 'sqlite:none.db');
  expect(code).toBe(0);
  expect((JSON.parse(out) as { pending: string[] }).pending.length).toBeGreaterThan(5);
  expect(readdirSync(directory).filter((entry) => entry.startsWith('none'))).toEqual([]);
  const old = new SqliteDatabase(name('old.db'));
  old.exec(
    'CREATE TABLE migrations (name TEXT PRIMARY KEY, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)',
  );
  old.close();
  expect(await copy('sqlite:old.db', 'sqlite:n.db')).toMatchObject({
    code: 1,
    err: expect.stringContaining('older Gatehouse'),
  });
  expect(readdirSync(directory).filter((entry) => entry.startsWith('n.db'))).toEqual([]);
});
