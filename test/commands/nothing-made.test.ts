/** What reads or fails makes nothing: no folder, no database, no key. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { nouns } from '../../src/admin-commands/index.ts';
import type { Noun, Verb } from '../../src/admin-commands/noun-and-verb-types.ts';
import { runCommand } from '../support/command.ts';
import { freePort } from '../support/free-port.ts';
import { startPostgres } from '../support/postgres.ts';

const TIMEOUT_MS = 120_000;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-nothing-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** As in a folder without settings: neither database nor key is named. */
function gatehouse(words: readonly string[], exports = '', input = 'a password of some length') {
  const shell = `unset GATEHOUSE_MASTER_KEY GATEHOUSE_DATABASE; ${exports} printf %s '${input}' | "$@"`;
  return runCommand(directory, '', words, { shell });
}

/** With all that the verb asks for. */
function wordsOf(noun: string, { name, argument, input, flags = [] }: Verb): string[] {
  const isNeeded = (member: string) => input.shape[member]?.safeParse(undefined).success === false;
  const needed = flags.filter(({ member, kind }) => kind === 'text' && isNeeded(member));
  return [noun, name, ...(argument ? ['some'] : []), ...needed.flatMap(({ flag }) => [`--${flag}`, 'thing'])];
}

/** Of those that begin no installation: what reads, and what writes. */
function firstAndLast({ name, verbs }: Noun): string[][] {
  const needing = verbs.filter(({ begins, runWithoutDatabase }) => !begins && !runWithoutDatabase);
  return [...new Set([needing.at(0), needing.at(-1)])].flatMap((verb) => (verb ? [wordsOf(name, verb)] : []));
}

it(
  'a verb that needs an installation says that there is none, where it looked, and exits 3',
  async () => {
    for (const words of nouns.flatMap(firstAndLast)) {
      const { code, out, err } = await gatehouse(words);
      expect([code, out, err], words.join(' ')).toEqual([
        3,
        '',
        expect.stringContaining(`there is no database ${join(directory, 'data', 'gatehouse.db')}`),
      ]);
      expect(readdirSync(directory), words.join(' ')).toEqual([]);
    }
  },
  TIMEOUT_MS,
);

it(
  'what needs no gatehouse, asks another server, or fails makes none',
  async () => {
    const nowhere = `GATEHOUSE_ISSUER=http://localhost:${await freePort()}`;
    const refused = ['--redirect-uri', 'http://evil.test/'];
    const expected: [number, string[]][] = [
      [0, ['client', 'templates']],
      [0, ['settings']],
      [1, ['health']],
      [1, ['doctor']],
      [1, ['login', 'client-credentials', '--client-id', 'a']],
      [1, ['login', 'code', '--client-id', 'a']],
      [3, ['database', 'check']],
      [3, ['database', 'backup', 'b.db']],
      [3, ['database', 'backup', '-']],
      [3, ['database', 'restore', 'b.db']],
      [0, ['database', 'migrate', '--dry-run']],
      [1, ['client', 'create', '--name', 'a', ...refused]],
      [1, ['user', 'create', '--username', 'a', '--email', 'nonsense']],
      [2, ['keys', 'rotate', '--revoke', 'a']],
    ];
    for (const [code, words] of expected) {
      const ran = await gatehouse(words, `export ${nowhere};`);
      expect([ran.code, ran.err.includes('unexpected')], `${words.join(' ')}: ${ran.err}`).toEqual([
        code,
        false,
      ]);
      expect(readdirSync(directory), words.join(' ')).toEqual([]);
    }
  },
  TIMEOUT_MS,
);

it('a server that cannot listen, or has no certificate or authority, makes none', async () => {
  const port = await freePort();
  const busy = createServer().listen(port, '127.0.0.1');
  const taken = await gatehouse(['serve'], `export GATEHOUSE_LISTEN=127.0.0.1:${port};`);
  busy.close();
  expect([taken.code, taken.err]).toEqual([1, expect.stringContaining('something listens there already')]);
  const tls = 'export GATEHOUSE_TLS_CERT=no.pem GATEHOUSE_TLS_KEY=no.pem;';
  expect((await gatehouse(['serve'], `export GATEHOUSE_LISTEN=127.0.0.1:${port}; ${tls}`)).code).toBe(1);
  const authority = `export GATEHOUSE_LISTEN=127.0.0.1:${port} GATEHOUSE_OUTBOUND_CA=no.pem;`;
  expect((await gatehouse(['serve'], authority)).code).toBe(1);
  expect(readdirSync(directory)).toEqual([]);
});

it('the first start creates the database and its key, readable by their owner alone', async () => {
  const users = ['alice', 'bob', 'carol'].map((name) => gatehouse(['user', 'create', '--username', name]));
  expect((await Promise.all(users)).map(({ code, err }) => [code, err.includes('unexpected')])).toEqual(
    Array(3).fill([0, false]),
  );
  const data = join(directory, 'data');
  const begun = (await Promise.all(users)).filter(({ err }) => err.includes('this began'));
  expect(begun.map(({ err }) => err.includes(join(data, 'gatehouse.db')))).toEqual([true]);
  expect(readdirSync(data).sort()).toEqual(['gatehouse.db', 'master.key']);
  const modes = [data, join(data, 'gatehouse.db'), join(data, 'master.key')].map(
    (path) => statSync(path).mode,
  );
  expect(modes.map((mode) => mode & 0o777)).toEqual([0o700, 0o600, 0o600]);
  const { out } = await gatehouse(['user', 'list', '--json']);
  expect(JSON.parse(out).map(({ username }: { username: string }) => username)).toHaveLength(3);
  expect((await gatehouse(['keys', 'rotate'])).code).toBe(0);
  expect((await gatehouse(['database', 'check'])).code).toBe(0);
});

it('an empty file counts as no database, and a first start creates the database in it', async () => {
  mkdirSync(join(directory, 'data'), { mode: 0o700 });
  writeFileSync(join(directory, 'data', 'gatehouse.db'), '');
  expect((await gatehouse(['user', 'list'])).code).toBe(3);
  expect(existsSync(join(directory, 'data', 'master.key'))).toBe(false);
  expect((await gatehouse(['group', 'create', 'staff'])).code).toBe(0);
  expect((await gatehouse(['group', 'list'])).out).toContain('staff');
});

it('a database that lacks migrations is left to the server, or to who asks for them', async () => {
  const database = join(directory, 'data', 'gatehouse.db');
  expect((await gatehouse(['user', 'create', '--username', 'alice'])).code).toBe(0);
  const { default: SqliteDatabase } = await import('better-sqlite3');
  const connection = new SqliteDatabase(database);
  const [last] = connection
    .prepare('SELECT name FROM migrations ORDER BY name DESC')
    .pluck()
    .all() as string[];
  connection.prepare('DELETE FROM migrations WHERE name = ?').run(last);
  connection.close();
  for (const words of [
    ['user', 'list'],
    ['user', 'create', '--username', 'bob'],
    ['keys', 'rotate'],
  ]) {
    const { code, err } = await gatehouse(words);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(`migrations are pending: ${last}; run gatehouse database migrate`),
    ]);
  }
});

it(
  'PostgreSQL: nothing that reads makes a table',
  async () => {
    const postgres = await startPostgres();
    try {
      const { url } = postgres;
      const { code, err } = await runCommand(directory, url, ['user', 'list']);
      expect([code, err]).toEqual([3, expect.stringContaining('the database is empty')]);
      expect((await runCommand(directory, url, ['group', 'create', 'staff'])).code).toBe(0);
      expect((await runCommand(directory, url, ['group', 'list'])).out).toContain('staff');
    } finally {
      await postgres.stop();
    }
  },
  TIMEOUT_MS,
);
