/** A database from when there was a key of every algorithm, and nodes of then beside those of now. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/lib/clock-and-random.ts';
import { fillDerived } from '../../../src/oauth/clients/tables-derived-from-metadata.ts';
import { listKeys } from '../../../src/oauth/keys/list-keys.ts';
import { maintainKeys } from '../../../src/oauth/keys/maintain-keys.ts';
import { migrate, readMigrations } from '../../../src/storage/migrate.ts';
import { openDatabase } from '../../../src/storage/open-database-by-url.ts';
import { insertKey, type KeyRow, listKeyRows } from '../../../src/storage/tables/keys.ts';
import { confidentialClient } from '../../support/flow.ts';
import { startPostgres } from '../../support/postgres.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const GATEHOUSE_MASTER_KEY = 'k'.repeat(44);
const UNTIL_GONE_MS = 1_300_000;
const migrations = readMigrations(new URL('../../../migrations/', import.meta.url));
const before = migrations.filter(({ name }) => !name.endsWith('_client_algorithms.sql'));

const engines = {
  async SQLite() {
    const directory = mkdtempSync(join(tmpdir(), 'gatehouse-algorithms-'));
    const stop = async () => rmSync(directory, { recursive: true, force: true });
    return { url: `sqlite:${join(directory, 'gatehouse.db')}`, stop };
  },
  PostgreSQL: startPostgres,
};

/** One of each algorithm. */
async function keysOfBefore(): Promise<KeyRow[]> {
  const environment = { GATEHOUSE_MASTER_KEY, GATEHOUSE_FURTHER_SIGNING_ALGORITHMS: 'PS256 EdDSA' };
  const server = await startServer({ environment });
  const rows = await listKeyRows(server.gatehouse.db);
  await server.stop();
  return rows;
}

async function makeDatabaseOfBefore(url: string, keys: readonly KeyRow[]): Promise<void> {
  const db = openDatabase(url);
  await migrate(db, before, systemClock);
  await db.write(async (tx) => {
    for (const row of keys) await insertKey(tx, row);
    const insert = (client_id: string, metadata: object) =>
      tx.run(
        `INSERT INTO clients (client_id, profile, metadata, created_at, updated_at, origins_at)
         VALUES ($1, 'oidc', $2, 1, 1, 1)`,
        client_id,
        JSON.stringify({ redirect_uris: [], resources: [], ...metadata }),
      );
    await insert('eddsa', { client_name: 'One', userinfo_signed_response_alg: 'EdDSA' });
    await insert('rs256', { client_name: 'Other', id_token_signed_response_alg: 'RS256' });
    await insert('posing', { client_name: '"id_token_signed_response_alg":"PS256"' });
    await insert('assertions', { client_name: 'Signs itself', token_endpoint_auth_signing_alg: 'PS256' });
  });
  await db.close();
}

describe.each(Object.entries(engines))('%s', (_name, start) => {
  let engine: { url: string; stop(): Promise<void> };
  let server: TestServer;
  let keys: KeyRow[];
  beforeAll(async () => {
    keys = await keysOfBefore();
    engine = await start();
    await makeDatabaseOfBefore(engine.url, keys);
    server = await startServer({ environment: { GATEHOUSE_DATABASE: engine.url, GATEHOUSE_MASTER_KEY } });
  });
  afterAll(async () => {
    await server.stop();
    await engine.stop();
  });

  const algorithms = async () => (await listKeys(server.gatehouse)).map(({ alg }) => alg).sort();
  const write = (client_id: string, member: string, updated_at: number) =>
    server.gatehouse.db.write((tx) =>
      tx.run(
        'UPDATE clients SET metadata = $2, updated_at = $3 WHERE client_id = $1',
        client_id,
        JSON.stringify({ client_name: 'Changed', redirect_uris: [], resources: [], [member]: 'PS256' }),
        updated_at,
      ),
    );

  it('the key that a client uses is kept, and an unused one is removed after its last token', async () => {
    expect(await algorithms()).toEqual(['ES256', 'EdDSA', 'PS256', 'RS256']);
    server.clock.advance(UNTIL_GONE_MS);
    await maintainKeys(server.gatehouse);
    const kids = keys.filter(({ alg }) => alg !== 'PS256').map(({ kid }) => kid);
    expect((await listKeys(server.gatehouse)).map(({ kid }) => kid).sort()).toEqual(kids.sort());
  });

  it('a client that a node of before changes to it gets its key', async () => {
    await write('rs256', 'token_endpoint_auth_signing_alg', 2);
    expect(await fillDerived(server.gatehouse.db)).toBe(2);
    await maintainKeys(server.gatehouse);
    expect(await algorithms()).not.toContain('PS256');
    await write('rs256', 'id_token_signed_response_alg', 3);
    expect(await fillDerived(server.gatehouse.db)).toBe(2);
    expect(await fillDerived(server.gatehouse.db)).toBe(0);
    await maintainKeys(server.gatehouse);
    expect(await algorithms()).toContain('PS256');
  });

  it('what is made now needs nothing filled in', async () => {
    await confidentialClient(server, { id_token_signed_response_alg: 'PS256' });
    expect(await fillDerived(server.gatehouse.db)).toBe(0);
  });
});
