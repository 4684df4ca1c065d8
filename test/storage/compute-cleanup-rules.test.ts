import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RequestSource } from '../../src/audit/request-source.ts';
import {
  accountPolicy,
  addressPolicy,
  clientPolicy,
  registrationPolicy,
} from '../../src/identity/attempts/throttle-policies.ts';
import { factors } from '../../src/identity/factors/index.ts';
import { targetOfPerson } from '../../src/identity/factors/prove.ts';
import { newIdentifier, storageKey } from '../../src/lib/time-ordered-ids-and-secrets.ts';
import { createCleanUp } from '../../src/storage/cleanup.ts';
import type { Database, Parameter } from '../../src/storage/database.ts';
import { keptMsOf } from '../../src/storage/throttle-count-retention.ts';
import { auditEvents, authorize, publicClient, type Registered } from '../support/flow.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { startServer, type TestServer } from '../support/server.ts';

const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const LONG_MS = 180_000;
const CLIENT = 'an-app';

/** Counts of guesses at a person: of the accounts, of each factor, and of one that is none yet. */
const guesses = [
  'account:guessed-at',
  'device:guessed-at',
  ...[...factors, { name: 'a-new-factor' }].map((factor) => targetOfPerson(factor, 'guessed-at').countedAs),
];

/** What one statement may change at most, so that nobody waits for it. */
const FEW_ROWS = 200;

/** Rows of one statement, by the hundred. */
async function insertMany(
  db: Database,
  head: string,
  rows: readonly (readonly Parameter[])[],
): Promise<void> {
  for (let start = 0; start < rows.length; start += 500) {
    const some = rows.slice(start, start + 500);
    let number = 0;
    const places = some.map((row) => `(${row.map(() => `$${++number}`).join(', ')})`);
    await db.write((tx) => tx.run(`${head} VALUES ${places.join(', ')}`, ...some.flat()));
  }
}

interface Seen {
  readonly sql: string;
  readonly parameters: readonly Parameter[];
  readonly changed: number;
}

/** The same database, with all that is asked of it. */
function watched(db: Database): { db: Database; seen: Seen[] } {
  const seen: Seen[] = [];
  const get: Database['get'] = (sql, ...parameters) => {
    seen.push({ sql, parameters, changed: 0 });
    return db.get(sql, ...parameters);
  };
  const write: Database['write'] = (body) =>
    db.write((tx) =>
      body({
        ...tx,
        async run(sql, ...parameters) {
          const changed = await tx.run(sql, ...parameters);
          seen.push({ sql, parameters, changed });
          return changed;
        },
      }),
    );
  return { db: { ...db, get, write }, seen };
}

/** As /authorize leaves them behind. */
async function storeInteractions({ gatehouse }: TestServer, count: number): Promise<void> {
  const { clock, random, db } = gatehouse;
  const nowMs = clock.nowMs();
  const head =
    'INSERT INTO interactions (interaction_id, purpose, done, client_id, request, created_at, expires_at)';
  const rows = Array.from({ length: count }, () => [
    newIdentifier(clock, random),
    'authorization',
    '{}',
    CLIENT,
    '{}',
    nowMs,
    nowMs + 600 * SECOND_MS,
  ]);
  await insertMany(db, head, rows);
}

let postgres: TestPostgres;
let servers: Record<string, TestServer>;
beforeAll(async () => {
  postgres = await startPostgres();
  const environment = { GATEHOUSE_DATABASE: postgres.url, GATEHOUSE_MASTER_KEY: 'k'.repeat(44) };
  servers = { sqlite: await startServer(), postgres: await startServer({ environment }) };
}, LONG_MS);
afterAll(async () => {
  for (const server of Object.values(servers)) await server.stop();
  await postgres.stop();
});

describe.each(['sqlite', 'postgres'])('on %s', (engine) => {
  let server: TestServer;
  let app: Registered;
  beforeAll(async () => {
    server = servers[engine] as TestServer;
    await server.user();
    app = await publicClient(server, { client_id: CLIENT });
  });

  const countOf = async (table: string) =>
    Number((await server.gatehouse.db.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`))?.n);

  it(
    'what arrives at 100 a second goes as fast, in steps of few rows',
    async () => {
      const { db, seen } = watched(server.gatehouse.db);
      const cleanUp = createCleanUp({ ...server.gatehouse, db });
      for (let turn = 0; turn < 10; turn += 1) {
        await storeInteractions(server, 1000);
        server.clock.advance(10 * SECOND_MS);
        await cleanUp.run();
      }
      server.clock.advance(3 * HOUR_MS);
      await storeInteractions(server, 1000);
      await cleanUp.run();
      expect(await countOf('interactions')).toBe(1000);
      expect(Math.max(...seen.map(({ changed }) => changed))).toBeLessThanOrEqual(FEW_ROWS);
    },
    LONG_MS,
  );

  it('a sign-in that was begun and left is gone some hours later, not after a day', async () => {
    await storeInteractions(server, 3);
    server.clock.advance(3 * HOUR_MS);
    await createCleanUp(server.gatehouse).run();
    expect(await countOf('interactions')).toBe(0);
  });

  it(
    'many throttles and revoked tokens that are over go in steps of few rows; those that count stay',
    async () => {
      const many = engine === 'sqlite' ? 60_000 : 10_000;
      const { gatehouse } = server;
      const nowMs = gatehouse.clock.nowMs();
      const keys = Array.from({ length: many }, (_, number) => storageKey(`${number}`));
      const throttle = 'INSERT INTO throttles (throttle_key, attempts, window_started_at, blocked_until)';
      await insertMany(gatehouse.db, throttle, [
        ...keys.map((key) => [`address:${key}`, 7, nowMs - 2 * HOUR_MS, nowMs - 2 * HOUR_MS]),
        ['address:counting', 7, nowMs - 10 * SECOND_MS, 0],
        ['address:paused', 7, nowMs - 2 * HOUR_MS, nowMs + SECOND_MS],
        ...guesses.map((key) => [key, 99, nowMs - 29 * DAY_MS, nowMs - 29 * DAY_MS]),
        ['account:forgotten', 99, nowMs - 31 * DAY_MS, nowMs - 31 * DAY_MS],
      ]);
      const revoked = keys.slice(0, 5000).map((key) => [key, nowMs - 2 * DAY_MS]);
      await insertMany(gatehouse.db, 'INSERT INTO revoked_tokens (jti, expires_at)', revoked);
      const { db, seen } = watched(gatehouse.db);
      await createCleanUp({ ...gatehouse, db }).run();
      const left = await gatehouse.db.all<{ throttle_key: string }>(
        'SELECT throttle_key FROM throttles ORDER BY throttle_key',
      );
      const kept = [...guesses, 'address:counting', 'address:paused'];
      expect(new Set(left.map(({ throttle_key }) => throttle_key))).toEqual(new Set(kept));
      expect(await countOf('revoked_tokens')).toBe(0);
      expect(Math.max(...seen.map(({ changed }) => changed))).toBeLessThanOrEqual(FEW_ROWS);
      await gatehouse.db.write((tx) => tx.run('DELETE FROM throttles'));
    },
    LONG_MS,
  );

  it('after personal_data_days sessions and audit events keep no address, and what happened stays', async () => {
    const source: RequestSource = { address: '192.0.2.77', userAgent: 'x', requestId: 'r' };
    const { gatehouse } = server;
    await authorize(server, app.client);
    gatehouse.audit.append({ type: 'logout.delivered', client_id: 'told', source });
    await gatehouse.audit.flush();
    const { sid } = (await gatehouse.db.get<{ sid: string }>('SELECT MAX(sid) AS sid FROM sessions')) ?? {
      sid: '',
    };
    await gatehouse.db.write((tx) =>
      tx.run('UPDATE sessions SET ended_at = $2 WHERE sid = $1', sid, gatehouse.clock.nowMs()),
    );
    const before = await auditEvents(server);
    expect(before.filter(({ address }) => address !== undefined).length).toBeGreaterThan(2);

    server.clock.advance(89 * DAY_MS);
    await createCleanUp(gatehouse).run();
    expect(await auditEvents(server)).toEqual(before);
    server.clock.advance(2 * DAY_MS);
    gatehouse.audit.append({ type: 'logout.delivered', client_id: 'new', source });
    await gatehouse.audit.flush();
    const cleanUp = createCleanUp(gatehouse);
    await cleanUp.run();

    const after = await auditEvents(server);
    expect(after.filter(({ address }) => address !== undefined).map(({ client_id }) => client_id)).toEqual([
      'new',
    ]);
    expect(after.map(({ at, type }) => [at, type]).slice(1)).toEqual(
      before.map(({ at, type }) => [at, type]),
    );
    const session = await gatehouse.db.get<object>(
      'SELECT address, user_agent, ended_at FROM sessions WHERE sid = $1',
      sid,
    );
    expect(session).toMatchObject({ address: '', user_agent: '' });
    server.clock.advance(60 * SECOND_MS);
    expect(await cleanUp.run()).toBe(0);
  });

  it('after audit_days audit events go', async () => {
    server.clock.advance(401 * DAY_MS);
    server.gatehouse.audit.append({ type: 'logout.delivered', client_id: 'today' });
    await server.gatehouse.audit.flush();
    await createCleanUp(server.gatehouse).run();
    expect((await auditEvents(server)).map(({ client_id }) => client_id)).toEqual(['today']);
  });
});

it('a throttle is kept for as long as it counts', () => {
  for (const key of guesses) expect(keptMsOf(key), key).toBe(30 * DAY_MS);
  for (const { windowMs = 0, longestPauseMs } of [addressPolicy, clientPolicy, registrationPolicy]) {
    expect(windowMs + longestPauseMs).toBeLessThan(HOUR_MS);
  }
  expect(accountPolicy.longestPauseMs).toBeLessThan(DAY_MS);
});

it('no statement reads more rows than one step: each walks along the primary key', async () => {
  const server = servers.sqlite as TestServer;
  const { db, seen } = watched(server.gatehouse.db);
  await storeInteractions(server, 1);
  server.clock.advance(400 * DAY_MS);
  await createCleanUp({ ...server.gatehouse, db }).run();
  expect(seen.length).toBeGreaterThan(10);
  for (const { sql, parameters } of seen) {
    const plan = await server.gatehouse.db.all<{ detail: string }>(
      `EXPLAIN QUERY PLAN ${sql}`,
      ...parameters,
    );
    const ways = plan.map(({ detail }) => detail).filter((detail) => /^(SCAN|SEARCH)/.test(detail));
    const long = ways.filter((way) => !/^SEARCH \w+ USING .*[=<>]|^SCAN (step|\(subquery)/.test(way));
    expect(long, sql).toEqual([]);
  }
});

it('a long way through one table holds up no other, and stops between two steps where the server stops', async () => {
  const server = servers.sqlite as TestServer;
  const { gatehouse } = server;
  const endedMs = gatehouse.clock.nowMs() - 2 * HOUR_MS;
  const rows = Array.from({ length: 5000 }, (_, number) => [`address:${number}`, 7, endedMs, endedMs]);
  const head = 'INSERT INTO throttles (throttle_key, attempts, window_started_at, blocked_until)';
  await insertMany(gatehouse.db, head, rows);
  await storeInteractions(server, 1000);
  server.clock.advance(3 * HOUR_MS);
  const { db, seen } = watched(gatehouse.db);
  const cleanUp = createCleanUp({ ...gatehouse, db });
  const running = cleanUp.run();
  const isGone = async () => (await gatehouse.db.get('SELECT 1 AS one FROM interactions')) === undefined;
  while (!(await isGone())) await new Promise((resolve) => setTimeout(resolve, 1));
  await cleanUp.close();
  await running;
  const { n } = (await gatehouse.db.get<{ n: number }>('SELECT count(*) AS n FROM throttles')) ?? { n: 0 };
  expect(n).toBeGreaterThan(0);
  const asked = seen.length;
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(seen.length).toBe(asked);
});

it('with 0 days audit events and addresses are kept for ever', async () => {
  const environment = { GATEHOUSE_AUDIT_DAYS: '0', GATEHOUSE_PERSONAL_DATA_DAYS: '0' };
  const server = await startServer({ environment });
  await server.user();
  await authorize(server, (await publicClient(server)).client);
  const before = await auditEvents(server);
  server.clock.advance(4000 * DAY_MS);
  await createCleanUp(server.gatehouse).run();
  expect(await auditEvents(server)).toEqual(before);
  expect(before.some(({ address }) => address !== undefined)).toBe(true);
  await server.stop();
});
