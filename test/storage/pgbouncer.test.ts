/** PgBouncer in transaction mode: each transaction on whichever connection is free. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/storage/database.ts';
import { openDatabase } from '../../src/storage/open-database-by-url.ts';
import { StorageRefusedError, StorageUnavailableError } from '../../src/storage/storage-errors.ts';
import { authorize, publicClient, redeem, refresh } from '../support/flow.ts';
import { hasPgBouncer, type Pooled, startBehindPgBouncer, startPgBouncer } from '../support/pgbouncer.ts';
import { startServer, type TestServer } from '../support/server.ts';

const REMEDY = /a pooler is between .*; add pool_mode=transaction to the URL of the database/;

function withoutMode(url: string): string {
  const bare = new URL(url);
  bare.searchParams.delete('pool_mode');
  return bare.href;
}

describe.skipIf(!hasPgBouncer)('behind PgBouncer', () => {
  let pooled: Pooled;
  let server: TestServer;

  beforeAll(async () => {
    pooled = await startBehindPgBouncer();
    const environment = { GATEHOUSE_DATABASE: pooled.url, GATEHOUSE_MASTER_KEY: 'k'.repeat(44) };
    server = await startServer({ environment });
    await server.user();
  });
  afterAll(async () => {
    await server.stop();
    await pooled.stop();
  });

  /** What PostgreSQL answers on a connection that others use too. */
  async function askPooled(sql: string): Promise<unknown[]> {
    const client = new pg.Client({ connectionString: pooled.url });
    await client.connect();
    const { rows } = await client.query(sql);
    await client.end();
    return rows;
  }

  it('twenty code flows at once over four connections: each gets tokens and renews them', async () => {
    const spa = await publicClient(server);
    const { agent } = await authorize(server, spa.client);
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const { body } = await redeem(server, spa, await authorize(server, spa.client, { agent }));
        return (await refresh(server, spa, body.refresh_token)).status;
      }),
    );
    expect(statuses).toEqual(Array.from({ length: 20 }, () => 200));
  });

  it('no setting, statement or listener of ours stays on a connection that the pooler gives to others', async () => {
    for (let connection = 0; connection < 8; connection += 1) {
      expect(await askPooled('SHOW enable_seqscan')).toEqual([{ enable_seqscan: 'on' }]);
      expect(await askPooled('SHOW statement_timeout')).toEqual([{ statement_timeout: '0' }]);
      expect(await askPooled('SELECT name FROM pg_prepared_statements')).toEqual([]);
      expect(await askPooled('SELECT pg_listening_channels() AS name')).toEqual([]);
    }
  });

  it('each transaction has the limits and the plan that a connection of our own has', async () => {
    const db = openDatabase(pooled.url, { timeLimited: true });
    const settings = await db.write((tx) =>
      tx.get(
        `SELECT current_setting('enable_seqscan') AS seqscan, current_setting('statement_timeout') AS statement,
          current_setting('idle_in_transaction_session_timeout') AS idle`,
      ),
    );
    expect(settings).toEqual({ seqscan: 'off', statement: '1500ms', idle: '4s' });
    await db.close();
  });

  it('without the setting the pooler refuses the connection, and the error names the remedy', async () => {
    const db = openDatabase(withoutMode(pooled.url));
    await expect(db.all('SELECT 1')).rejects.toThrow(REMEDY);
    await expect(db.all('SELECT 1')).rejects.toBeInstanceOf(StorageUnavailableError);
    await db.close();
  });

  it('without the setting the remedy is named where a connection knows another statement by the name', async () => {
    const ignored = 'ignore_startup_parameters = statement_timeout, idle_in_transaction_session_timeout\n';
    const lenient = await startPgBouncer(pooled.directUrl, ignored);
    const [one, other] = [openDatabase(withoutMode(lenient.url)), openDatabase(withoutMode(lenient.url))];
    const all = Promise.all(
      Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? one : other).all(`SELECT ${index} AS n`)),
    );
    await expect(all).rejects.toThrow(REMEDY);
    await one.close();
    await other.close();
    await lenient.stop();
  });

  it('snapshots and what commands do go through it too', async () => {
    const db: Database = openDatabase(pooled.url);
    const seen = await db.snapshot((reader) =>
      reader.all<{ username: string }>('SELECT username FROM users'),
    );
    expect(seen).toEqual([{ username: 'alice' }]);
    expect((await db.inspect()).engine).toBe('PostgreSQL');
    await db.close();
  });
});

it('a pool_mode that there is not is refused', () => {
  const open = () => openDatabase('postgres://gatehouse@127.0.0.1/gatehouse?pool_mode=statement');
  expect(open).toThrow(StorageRefusedError);
  expect(open).toThrow(/pool_mode in the database's URL must be session or transaction/);
});
