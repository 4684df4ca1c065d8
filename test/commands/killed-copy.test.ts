/** kill -9 while a database command fills a PostgreSQL: it holds what it held, or all of it; never a part. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { backUp } from '../../src/storage/backup/back-up-to-sqlite-file.ts';
import { readMigrations } from '../../src/storage/migrate.ts';
import { lifeCycles } from '../../src/storage/restore-and-cleanup-rules/index.ts';
import { authorize, publicClient, type Registered, redeem, refresh } from '../support/flow.ts';
import { freePort } from '../support/free-port.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { program } from '../support/program.ts';
import { startServer } from '../support/server.ts';

const MASTER_KEY = 'k'.repeat(44);
/** Any number but the migrations' own. */
const GATE = 77;
const OTHERS = `pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
  AND application_name = 'gatehouse'`;
let directory: string;
let source: string;
let backup: string;
let postgres: TestPostgres;
let client: pg.Client;
/** Holds the locks that a command waits for. */
let holder: pg.Client;
let port: number;
let spa: Registered;
let refreshToken: string;

/** A database with a live grant, and a backup of it. */
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-killed-copy-'));
  backup = join(directory, 'backup.db');
  source = `sqlite:${join(directory, 'gatehouse.db')}`;
  postgres = await startPostgres();
  client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  holder = new pg.Client({ connectionString: postgres.url });
  await holder.connect();
  port = await freePort();
  const server = await startOn(source);
  await server.user();
  spa = await publicClient(server);
  refreshToken = (await redeem(server, spa, await authorize(server, spa.client))).body.refresh_token;
  const migrations = readMigrations(new URL('../../migrations/', import.meta.url));
  await backUp({ url: source, migrations, clock: server.clock }, backup);
  await server.stop();
});
beforeEach(() => query('DROP SCHEMA public CASCADE; CREATE SCHEMA public'));
afterAll(async () => {
  await client.end();
  await holder.end();
  await postgres.stop();
  rmSync(directory, { recursive: true, force: true });
});

function startOn(url: string) {
  return startServer({ port, environment: { GATEHOUSE_DATABASE: url, GATEHOUSE_MASTER_KEY: MASTER_KEY } });
}

function database(words: readonly string[]): ChildProcess {
  const { PATH = '', HOME = '' } = process.env;
  const own = { GATEHOUSE_DATABASE: postgres.url, GATEHOUSE_MASTER_KEY: MASTER_KEY };
  return spawn(process.execPath, [program, 'database', ...words], {
    cwd: directory,
    env: { PATH, HOME, TMPDIR: directory, ...own },
    stdio: 'ignore',
  });
}

async function run(...words: string[]): Promise<number | null> {
  const [code] = await once(database(words), 'exit');
  return code;
}

async function query(sql: string): Promise<void> {
  await client.query(sql);
}

async function count(from: string): Promise<number> {
  const { rows } = await client.query<{ n: string }>(`SELECT count(*) AS n FROM ${from}`);
  return Number(rows[0]?.n);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Every row of every table. */
async function contents(): Promise<Record<string, string[]>> {
  const dump: Record<string, string[]> = {};
  for (const { table: name } of lifeCycles) {
    const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t ORDER BY 1`);
    dump[name] = rows.map(({ row }) => row);
  }
  return dump;
}

/** Whoever writes to the table waits there for us; `DEFERRED` waits in its COMMIT. */
async function gateAt(table: string, when: 'BEFORE' | 'DEFERRED' = 'BEFORE'): Promise<void> {
  await query(`CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_advisory_xact_lock_shared(${GATE}); RETURN NEW; END $$`);
  await query(
    when === 'BEFORE'
      ? `CREATE TRIGGER gate BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION gate()`
      : `CREATE CONSTRAINT TRIGGER gate AFTER INSERT ON ${table} DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION gate()`,
  );
}

/** Kills the command where it waits for a lock of ours, then takes the lock away. */
async function killAtGate(words: readonly string[], shut: string, open: string): Promise<void> {
  await holder.query(shut);
  const child = database(words);
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode} and never came there`);
    return (await count(`${OTHERS} AND wait_event_type = 'Lock'`)) === 1;
  });
  child.kill('SIGKILL');
  await once(child, 'exit');
  await holder.query(open);
  await until(async () => (await count(OTHERS)) === 0);
}

const killAtTable = (words: readonly string[]) =>
  killAtGate(words, `SELECT pg_advisory_lock(${GATE})`, `SELECT pg_advisory_unlock(${GATE})`);

async function statusOfRefresh(): Promise<number> {
  const server = await startOn(postgres.url);
  try {
    return (await refresh(server, spa, refreshToken)).status;
  } finally {
    await server.stop();
  }
}

const verbs = [
  { verb: 'restore', words: () => ['restore', backup], live: 0, status: 400 },
  { verb: 'copy', words: () => ['copy', '--from', source, '--to', postgres.url], live: 1, status: 200 },
];

describe.each(verbs)('kill -9 in the middle of database $verb into PostgreSQL', ({ words, live, status }) => {
  async function expectAll(): Promise<void> {
    expect(await count('grants')).toBe(1);
    expect(await count('grants WHERE revoked_at IS NULL')).toBe(live);
    expect(await count(`revisions WHERE restored_at ${live === 0 ? '>' : '='} 0`)).toBe(1);
    expect(await run('check')).toBe(0);
    expect(await run(...words())).toBe(4);
    expect(await statusOfRefresh()).toBe(status);
  }

  it('leaves the target as it was, from the first table to the last; in the COMMIT, all of it', async () => {
    expect(await run('migrate')).toBe(0);
    const before = await contents();
    for (const table of ['users', 'revisions']) {
      await gateAt(table);
      await killAtTable(words());
      expect(await contents()).toEqual(before);
      await query('DROP FUNCTION gate CASCADE');
    }
    await gateAt('revisions', 'DEFERRED');
    await killAtTable(words());
    await query('DROP FUNCTION gate CASCADE');
    await expectAll();
  });

  it('in a migration of the target leaves it without rows, and the next run finishes', async () => {
    // Two cannot make a table of one name: the second waits for the first to commit.
    await killAtGate(words(), 'BEGIN; CREATE TABLE outbox (outbox_key TEXT PRIMARY KEY)', 'ROLLBACK');
    expect(await count('users')).toBe(0);
    expect(await run(...words())).toBe(0);
    await expectAll();
  });
});
