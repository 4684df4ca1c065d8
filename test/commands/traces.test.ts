/** What an operator does to the whole database, or to what waits in it, is in the audit of the database that comes of it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { freePort } from '../support/free-port.ts';

const TIMEOUT_MS = 60_000;
const me = `os:${userInfo().username}`;

let directory: string;
let file: string;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-traces-'));
  file = join(directory, 'one.db');
  await gatehouse(['user', 'create', '--username', 'alice']);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function gatehouse(words: readonly string[], database = file) {
  const ran = await runCommand(directory, `sqlite:${database}`, words);
  expect(ran.code, ran.err).toBe(0);
  return ran.out;
}

async function newestEvent(database = file) {
  const [newest] = JSON.parse(await gatehouse(['audit-event', 'list', '--json'], database));
  return newest;
}

/** As an older version left it. */
function withoutLastUse(): void {
  const connection = new SqliteDatabase(file);
  connection.exec(
    `DELETE FROM migrations WHERE name = '0027_last_used.sql'; ALTER TABLE clients DROP COLUMN last_used_at`,
  );
  connection.close();
}

describe('the audit records', { timeout: TIMEOUT_MS }, () => {
  it('of a restore, and from which backup', async () => {
    await gatehouse(['database', 'backup', 'b.db']);
    await gatehouse(['database', 'restore', 'b.db', '--keep-grants']);
    expect(await newestEvent()).toMatchObject({
      type: 'database.restored',
      actor: me,
      details: { file: 'b.db', keep_grants: true, bring_back: false },
    });
  });

  it('of a copy, in the copy', async () => {
    const other = join(directory, 'other.db');
    await gatehouse(['database', 'copy', '--from', `sqlite:${file}`, '--to', `sqlite:${other}`]);
    expect(await newestEvent(other)).toMatchObject({
      type: 'database.copied',
      actor: me,
      details: { from: 'sqlite' },
    });
    expect((await newestEvent()).type).toBe('user.created');
  });

  it('of migrations that were applied to a database with something in it', async () => {
    withoutLastUse();
    await gatehouse(['database', 'migrate']);
    const told = { type: 'database.migrated', actor: me, details: { applied: '0027_last_used.sql' } };
    expect(await newestEvent()).toMatchObject(told);
    await gatehouse(['database', 'migrate']);
    expect(JSON.parse(await gatehouse(['audit-event', 'list', '--json'])).length).toBe(2);
  });

  it('of what waits and was tried again or given up, and of tokens that let apps register', async () => {
    const connection = new SqliteDatabase(file);
    const [at, payload] = [Date.now() + 1e9, '{}'];
    const columns = 'outbox_key, kind, destination, person, payload, attempts, next_at, dead_at';
    for (const key of ['one', 'two'])
      connection
        .prepare(`INSERT INTO outbox (${columns}) VALUES (?, 'back_channel_logout', 'c', 'p', ?, 3, ?, ?)`)
        .run(key, payload, at, at);
    connection.close();
    await gatehouse(['outbox', 'retry', 'one']);
    expect(await newestEvent()).toMatchObject({
      type: 'outbox.retried',
      actor: me,
      details: { outbox_key: 'one' },
    });
    await gatehouse(['outbox', 'delete', 'two']);
    expect((await newestEvent()).type).toBe('outbox.deleted');
    await gatehouse(['client', 'initial-access-token']);
    expect(await newestEvent()).toMatchObject({ type: 'initial_access_token.created', actor: me });
  });
});

it('a server that migrated an older database does not greet as if it were new', async () => {
  withoutLastUse();
  const port = await freePort();
  const words = ['serve'];
  const { out } = await runCommand(directory, `sqlite:${file}`, words, {
    shell: `export GATEHOUSE_ISSUER=http://localhost:${port} GATEHOUSE_LISTEN=127.0.0.1:${port}; exec "$@"`,
    whileRunning: (child) => child.stdout?.once('data', () => child.kill('SIGTERM')),
  });
  expect(out).toContain('Discovery');
  expect(out).not.toContain('no user');
  const events: object[] = JSON.parse(await gatehouse(['audit-event', 'list', '--json']));
  expect(events).toContainEqual(expect.objectContaining({ type: 'database.migrated', actor: 'server' }));
}, 60_000);
