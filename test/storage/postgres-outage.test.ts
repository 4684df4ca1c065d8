/** K4 What callers and probes see while PostgreSQL is away, busy or silent, and how it passes. */
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { cookieNames } from '../../src/http/cookies.ts';
import type { Reader } from '../../src/storage/database.ts';
import { openDatabase } from '../../src/storage/open-database-by-url.ts';
import {
  type Answer,
  answerOf,
  authorize,
  post,
  publicClient,
  type Registered,
  redeem,
  refresh,
} from '../support/flow.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { openWire, type Wire } from '../support/wire.ts';

const MASTER_KEY = 'k'.repeat(44);
const POOL_SIZE = 4;
const ANSWERED_WITHIN_MS = 2500;
const UNREADY_WITHIN_MS = 5000;
const BACK_WITHIN_MS = 10_000;
const POLL = { timeout: BACK_WITHIN_MS, interval: 50 };

let postgres: TestPostgres;
let wire: Wire;
let server: TestServer;
let spa: Registered;

beforeAll(async () => {
  postgres = await startPostgres();
  const url = new URL(postgres.url);
  wire = await openWire({ host: url.hostname, port: Number(url.port) });
  url.hostname = '127.0.0.1';
  url.port = String(wire.port);
  url.searchParams.set('pool_size', String(POOL_SIZE));
  server = await startServer({
    environment: { GATEHOUSE_DATABASE: url.href, GATEHOUSE_MASTER_KEY: MASTER_KEY },
  });
  await server.user();
  spa = await publicClient(server);
});
afterEach(() => untilReady());
afterAll(async () => {
  await server.stop();
  await wire.close();
  await postgres.stop();
});

const ready = async () => (await fetch(`${server.issuer}/health/ready`)).status;

async function untilReady(): Promise<number> {
  const startedMs = performance.now();
  while ((await ready()) !== 200) {
    if (performance.now() - startedMs > BACK_WITHIN_MS) throw new Error('not ready again in time');
  }
  return performance.now() - startedMs;
}

async function timed<Result>(work: Promise<Result>): Promise<{ result: Result; tookMs: number }> {
  const startedMs = performance.now();
  return { result: await work, tookMs: performance.now() - startedMs };
}

async function expectUnavailable(asked: Promise<Answer>): Promise<void> {
  const { result, tookMs } = await timed(asked);
  expect([result.status, result.body.error]).toEqual([503, 'temporarily_unavailable']);
  expect(Number(result.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(tookMs).toBeLessThan(ANSWERED_WITHIN_MS);
}

/** A refresh token of a flow that went through. */
async function newRefreshToken(): Promise<string> {
  return (await redeem(server, spa, await authorize(server, spa.client))).body.refresh_token;
}

const revoke = (token: string) => post(server, '/revoke', { token }, spa);
/** A page that asks the database each time: whose session is this? */
const sessionsPage = async () =>
  answerOf(
    await fetch(`${server.issuer}/account`, {
      headers: { cookie: `${cookieNames(server.issuer).session}=${'1'.repeat(9)}${'a'.repeat(43)}` },
      redirect: 'manual',
    }),
  );

describe('a PostgreSQL that is stopped', () => {
  it('answers reads and writes with 503 and Retry-After, is live but not ready, and recovers when PostgreSQL is back', async () => {
    const token = await newRefreshToken();
    await postgres.halt();
    await expectUnavailable(refresh(server, spa, token));
    await expectUnavailable(revoke(token));
    const page = await sessionsPage();
    expect([page.status, page.headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8']);
    expect((await timed(ready())).result).toBe(503);
    expect((await fetch(`${server.issuer}/health/live`)).status).toBe(200);
    await postgres.resume();
    expect(await untilReady()).toBeLessThan(BACK_WITHIN_MS);
    expect((await refresh(server, spa, token)).status).toBe(200);
  });

  it('connections that a restart killed are not used again', async () => {
    const token = await newRefreshToken();
    await Promise.all(Array.from({ length: POOL_SIZE * 3 }, () => refresh(server, spa, token)));
    await postgres.restart();
    await untilReady();
    const answers = await Promise.all(Array.from({ length: POOL_SIZE * 3 }, () => sessionsPage()));
    expect(answers.map((answer) => answer.status).filter((status) => status === 503)).toEqual([]);
  });
});

describe('a PostgreSQL that takes no writes, as a standby does', () => {
  const set = async (statement: string) => {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    await client.query(statement);
    await client.query('SELECT pg_reload_conf()');
    await client.end();
  };

  it('makes the server not ready with the reason before any write, and ready again when it takes writes', async () => {
    await set('ALTER SYSTEM SET default_transaction_read_only = on');
    await expect.poll(ready, POLL).toBe(503);
    expect(server.lines.join()).toContain('takes no writes (transaction_read_only is on): it is a standby');
    await set('ALTER SYSTEM RESET default_transaction_read_only');
    await untilReady();
    expect((await refresh(server, spa, await newRefreshToken())).status).toBe(200);
  });
});

describe('the public keys while PostgreSQL is stopped', () => {
  const maxAgeMs = 900_000;
  const keys = () => fetch(`${server.issuer}/jwks`);
  const maxAgeOf = (answer: Response) =>
    Number(/max-age=(\d+)/.exec(answer.headers.get('cache-control') ?? '')?.[1]);
  /** What was read less than a second before goes on as if nothing were. */
  async function haltAndNotice(): Promise<void> {
    await postgres.halt();
    while (maxAgeOf(await keys()) === maxAgeMs / 1000);
  }

  it('go on as they were read last, to be cached no longer than from then on; and then are 503', async () => {
    const before = await keys();
    const known = await before.text();
    expect(maxAgeOf(before)).toBe(maxAgeMs / 1000);
    await haltAndNotice();
    server.clock.advance(maxAgeMs / 2);
    const during = await keys();
    expect([during.status, await during.text()]).toEqual([200, known]);
    expect(maxAgeOf(during)).toBeLessThanOrEqual(maxAgeMs / 2000);
    expect((await fetch(`${server.issuer}/.well-known/openid-configuration`)).status).toBe(200);
    server.clock.advance(maxAgeMs / 2);
    await expectUnavailable(keys().then(answerOf));
    await postgres.resume();
    await untilReady();
    const after = await keys();
    expect([after.status, maxAgeOf(after)]).toEqual([200, maxAgeMs / 1000]);
  });

  it('are still served, while no token is issued and none is accepted', async () => {
    const { body } = await redeem(server, spa, await authorize(server, spa.client));
    const userinfo = async () =>
      answerOf(
        await fetch(`${server.issuer}/userinfo`, {
          headers: { authorization: `Bearer ${body.access_token}` },
        }),
      );
    expect((await userinfo()).status).toBe(200);
    await haltAndNotice();
    expect((await keys()).status).toBe(200);
    await expectUnavailable(userinfo());
    await expectUnavailable(refresh(server, spa, body.refresh_token));
    await postgres.resume();
  });
});

describe('a PostgreSQL that falls silent', () => {
  it('is answered with 503 in time under many requests, not ready within 5 s, and recovers without a restart', async () => {
    const token = await newRefreshToken();
    await Promise.all(Array.from({ length: POOL_SIZE * 2 }, () => sessionsPage()));
    wire.silence();
    await Promise.all(
      Array.from({ length: POOL_SIZE * 5 }, () => expectUnavailable(refresh(server, spa, token))),
    );
    const { result, tookMs } = await timed(ready());
    expect(result).toBe(503);
    expect(tookMs).toBeLessThan(UNREADY_WITHIN_MS);
    wire.mend();
    expect(await untilReady()).toBeLessThan(BACK_WITHIN_MS);
    expect((await refresh(server, spa, token)).status).toBe(200);
  });
});

describe('a pool that is exhausted', () => {
  it('answers a request that gets no connection with 503 in time, and recovers when the others are done', async () => {
    const token = await newRefreshToken();
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const holders = Array.from({ length: POOL_SIZE }, () => server.gatehouse.db.snapshot(() => held));
    await expectUnavailable(refresh(server, spa, token));
    letGo();
    await Promise.all(holders);
    expect((await refresh(server, spa, token)).status).toBe(200);
  });
});

describe('a statement that takes too long', () => {
  it('is taken back by the server, and its connection stays in use', async () => {
    const { result, tookMs } = await timed(
      server.gatehouse.db.get('SELECT pg_sleep(30)').catch((error: Error) => error.constructor.name),
    );
    expect(result).toBe('StorageUnavailableError');
    expect(tookMs).toBeLessThan(ANSWERED_WITHIN_MS);
  });

  it('in many short statements ends alone: no other connection is doubted', async () => {
    const db = openDatabase(postgres.url, { timeLimited: true });
    const pidOf = async (reader: Reader) =>
      (await reader.get<{ pid: number }>('SELECT pg_backend_pid() AS pid'))?.pid;
    let beside: number | undefined;
    const endless = db.write(async (tx) => {
      beside = await pidOf(db);
      for (;;) await tx.get('SELECT pg_sleep(0.01)');
    });
    await expect(endless).rejects.toThrow('the database does not answer in time');
    expect(await pidOf(db)).toBe(beside);
    await db.close();
  });
});
