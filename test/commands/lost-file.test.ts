/** The database file of an installation is gone, or nothing is left in it: no command begins another installation in its place. */
import { copyFileSync, cpSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { databaseCommand } from '../../src/commands/database/index.ts';
import { claimDatabaseFile, OWN_FILE_ADVICE } from '../../src/storage/sqlite/server-lock.ts';
import { runCommand } from '../support/command.ts';
import { freePort } from '../support/free-port.ts';

const TIMEOUT_MS = 120_000;
const SOUND = { code: 0, err: expect.stringContaining('The database is sound') };

/** Every verb of `database`: those that are refused, and those that put a whole database there. */
const REFUSED = {
  migrate: [['migrate'], ['migrate', '--dry-run']],
  check: [['check'], ['check', '--json']],
  backup: [
    ['backup', 'new.db'],
    ['backup', '-'],
  ],
  copy: [['copy', '--to', 'sqlite:c.db']],
};
const PUTS_ONE_THERE = ['restore'];

let served: string;
let directory: string;
let shell: string;
/** An installation with alice and its backup; a server ran on it. */
beforeAll(async () => {
  served = mkdtempSync(join(tmpdir(), 'gatehouse-served-'));
  const inIt = (...words: string[]) => runCommand(served, 'sqlite:h.db', words);
  expect((await inIt('user', 'create', '--username', 'alice')).code).toBe(0);
  expect((await inIt('database', 'backup', 'b.db')).code).toBe(0);
  const claim = claimDatabaseFile(join(served, 'h.db'), OWN_FILE_ADVICE);
  claim.confirm();
  claim.release();
  const address = `127.0.0.1:${await freePort()}`;
  shell = `export GATEHOUSE_ISSUER=http://${address} GATEHOUSE_LISTEN=${address}; exec "$@"`;
}, TIMEOUT_MS);
afterAll(() => rmSync(served, { recursive: true, force: true }));
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-lost-'));
  cpSync(served, directory, { recursive: true });
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const name = (file: string) => join(directory, file);
const gatehouse = (...words: string[]) => runCommand(directory, 'sqlite:h.db', words, { shell });

/** Alone away, as by a slip after the server was killed: what SQLite had not folded in yet stays. */
function loseWithoutItsLog(): void {
  const connection = new SqliteDatabase(name('h.db'));
  connection.pragma('wal_autocheckpoint = 0');
  connection.exec(`INSERT INTO revoked_tokens (jti, expires_at) VALUES ('${'j'.repeat(20_000)}', 1)`);
  copyFileSync(name('h.db-wal'), name('kept-wal'));
  connection.close();
  renameSync(name('h.db'), name('away.db'));
  renameSync(name('kept-wal'), name('h.db-wal'));
}

it(
  'a database that is gone or empty, though a server ran on it, is refused by every command alike, and none is begun',
  async () => {
    const verbs = databaseCommand().commands.map((verb) => verb.name());
    expect(verbs.sort()).toEqual([...Object.keys(REFUSED), ...PUTS_ONE_THERE].sort());
    const others = [['user', 'list'], ['user', 'create', '--username', 'bob'], ['serve']];
    const ofDatabase = Object.values(REFUSED).flat();
    await expectRefused('gone', [...others, ...ofDatabase.map((verb) => ['database', ...verb])]);
    await expectRefused('empty', [...others, ['database', 'migrate']]);
  },
  TIMEOUT_MS,
);

async function expectRefused(how: 'gone' | 'empty', commands: string[][]): Promise<void> {
  if (how === 'gone') rmSync(name('h.db'));
  else writeFileSync(name('h.db'), '');
  const before = readdirSync(directory);
  for (const words of commands) {
    const err = expect.stringContaining(`h.db is ${how}, though a server ran on it before`);
    expect(await gatehouse(...words), words.join(' ')).toEqual({ code: 1, out: '', err });
    expect(readdirSync(directory), words.join(' ')).toEqual(before);
  }
}

it(
  'a log that is left of it is refused too, and a restore does not read it into the backup',
  async () => {
    loseWithoutItsLog();
    rmSync(name('h.db.server-lock'));
    for (const words of [
      ['database', 'migrate'],
      ['group', 'create', 'staff'],
    ]) {
      const { code, err } = await gatehouse(...words);
      expect([code, err], words.join(' ')).toEqual([1, expect.stringMatching(/\(it left \S+h\.db-wal\)/)]);
    }
    expect((await gatehouse('database', 'restore', 'b.db')).code).toBe(0);
    expect(await gatehouse('database', 'check')).toMatchObject(SOUND);
  },
  TIMEOUT_MS,
);

it(
  'the ways out lead out: a restore, a copy into its place, and to delete what it left',
  async () => {
    writeFileSync(name('h.db'), '');
    expect((await gatehouse('database', 'restore', 'b.db')).code).toBe(0);
    expect((await gatehouse('user', 'list')).out).toContain('alice');
    loseWithoutItsLog();
    const copy = ['copy', '--from', 'sqlite:b.db', '--to', 'sqlite:h.db'];
    expect((await gatehouse('database', ...copy)).code).toBe(0);
    expect(await gatehouse('database', 'check')).toMatchObject(SOUND);
    rmSync(name('h.db'));
    rmSync(name('h.db.server-lock'));
    const began = expect.stringContaining(`this began ${name('h.db')}`);
    expect(await gatehouse('database', 'migrate')).toMatchObject({ code: 0, err: began });
  },
  TIMEOUT_MS,
);

it('a dry run of the migrations reports that there is no database, and where', async () => {
  for (const file of ['h.db', 'h.db.server-lock']) rmSync(name(file));
  const { code, err } = await gatehouse('database', 'migrate', '--dry-run');
  expect([code, err]).toEqual([0, expect.stringContaining(`no database ${name('h.db')}`)]);
});
