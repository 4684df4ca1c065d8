/** Whose pages may read: one question about one origin, however many clients there are. G9 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/lib/clock-and-random.ts';
import { updateClient } from '../../../src/oauth/clients/create-and-update-clients.ts';
import { deleteClient } from '../../../src/oauth/clients/delete-client-in-pieces.ts';
import { setClientDisabled } from '../../../src/oauth/clients/disable-and-enable-client.ts';
import { fillDerived } from '../../../src/oauth/clients/tables-derived-from-metadata.ts';
import { migrate, readMigrations } from '../../../src/storage/migrate.ts';
import { openDatabase } from '../../../src/storage/open-database-by-url.ts';
import { publicClient } from '../../support/flow.ts';
import { startPostgres } from '../../support/postgres.ts';
import { grantTypes, startServer, type TestServer } from '../../support/server.ts';

const migrations = readMigrations(new URL('../../../migrations/', import.meta.url));
const before = migrations.filter(({ name }) => !name.endsWith('_client_origins.sql'));

const engines = {
  async SQLite() {
    const directory = mkdtempSync(join(tmpdir(), 'gatehouse-origins-'));
    const stop = async () => rmSync(directory, { recursive: true, force: true });
    return { url: `sqlite:${join(directory, 'gatehouse.db')}`, stop };
  },
  PostgreSQL: startPostgres,
};

describe.each(Object.entries(engines))('%s', (_name, start) => {
  let engine: { url: string; stop(): Promise<void> };
  let server: TestServer;
  beforeAll(async () => {
    engine = await start();
    await makeClientsOfBefore(engine.url);
    server = await startServer({
      environment: { GATEHOUSE_DATABASE: engine.url, GATEHOUSE_MASTER_KEY: 'k'.repeat(44) },
    });
  });
  afterAll(async () => {
    await server.stop();
    await engine.stop();
  });

  async function isAllowed(origin: string): Promise<boolean> {
    const headers = { origin, 'access-control-request-method': 'POST' };
    const answer = await fetch(`${server.issuer}/token`, { method: 'OPTIONS', headers });
    expect(answer.status).toBe(204);
    return answer.headers.get('access-control-allow-origin') === origin;
  }
  const cb = (origin: string) => ({ redirect_uris: [`${origin}/cb`] });
  const update = (client_id: string, changes: Record<string, unknown>) =>
    updateClient(server.gatehouse, grantTypes, client_id, changes);

  it('clients from before the table are in it after a start, several hundred too', async () => {
    for (const n of [0, 199, 200, 449]) expect(await isAllowed(`https://old${n}.example`), `${n}`).toBe(true);
    expect(await isAllowed('https://old450.example')).toBe(false);
    expect(await isAllowed('com.example.app:')).toBe(false);
  });

  it('follow what a client registers, and end with it', async () => {
    const { client_id } = (await publicClient(server, cb('https://one.example'))).client;
    expect(await isAllowed('https://one.example')).toBe(true);
    await update(client_id, { redirect_uris: ['https://two.example/cb', 'https://two.example/other'] });
    expect(await isAllowed('https://one.example')).toBe(false);
    expect(await isAllowed('https://two.example')).toBe(true);
    await deleteClient(server.gatehouse, client_id);
    expect(await isAllowed('https://two.example')).toBe(false);
  });

  it('are not those of a disabled client, unless an enabled one has it too', async () => {
    const [first, second] = [
      (await publicClient(server, cb('https://both.example'))).client.client_id,
      (await publicClient(server, cb('https://both.example'))).client.client_id,
    ];
    await setClientDisabled(server.gatehouse, first, true);
    expect(await isAllowed('https://both.example')).toBe(true);
    await setClientDisabled(server.gatehouse, second, true);
    expect(await isAllowed('https://both.example')).toBe(false);
    await setClientDisabled(server.gatehouse, first, false);
    expect(await isAllowed('https://both.example')).toBe(true);
  });

  it('a change of one client does not read the others', async () => {
    await publicClient(server, cb('https://mine.example'));
    const other = (await publicClient(server)).client.client_id;
    const { metadata } = (await server.gatehouse.db.get<{ metadata: string }>(
      'SELECT metadata FROM clients WHERE client_id = $1',
      other,
    )) ?? { metadata: '' };
    const put = (text: string) =>
      server.gatehouse.db.write((tx) =>
        tx.run('UPDATE clients SET metadata = $2 WHERE client_id = $1', other, text),
      );
    // Whoever read it would fail.
    await put('not to be read');
    await update((await publicClient(server)).client.client_id, cb('https://changed.example'));
    expect(await isAllowed('https://mine.example')).toBe(true);
    expect(await isAllowed('https://changed.example')).toBe(true);
    await put(metadata);
  });

  it('the registration of a client keeps the cached origins of the others', async () => {
    const known = (await publicClient(server)).client.client_id;
    const first = await server.gatehouse.clients.find(known);
    expect(await server.gatehouse.clients.find('not-yet-there')).toBeUndefined();
    const resources = ['https://api.example/new'];
    expect(await server.gatehouse.clients.resource(resources[0] ?? '')).toBeUndefined();
    await server.client({ client_id: 'not-yet-there', redirect_uris: ['https://web.example/cb'], resources });
    expect(await server.gatehouse.clients.find(known)).toBe(first);
    expect(
      (await server.gatehouse.clients.find('not-yet-there'))?.secrets.live(server.clock.nowMs()),
    ).toHaveLength(1);
    expect(await server.gatehouse.clients.resource(resources[0] ?? '')).toMatchObject({
      client_id: 'not-yet-there',
    });
  });

  it('of metadata that a node of before wrote are filled in', async () => {
    const write = (metadata: object, updated_at: number) =>
      server.gatehouse.db.write((tx) =>
        tx.run(
          `UPDATE clients SET metadata = $1, updated_at = $2 WHERE client_id = 'old7'`,
          JSON.stringify(metadata),
          updated_at,
        ),
      );
    await write(cb('https://moved.example'), 2);
    expect(await fillDerived(server.gatehouse.db)).toBe(2);
    expect(await fillDerived(server.gatehouse.db)).toBe(0);
    expect(await isAllowed('https://moved.example')).toBe(true);
    expect(await isAllowed('https://old7.example')).toBe(false);
  });

  it('an origin longer than any can be belongs to no client', async () => {
    expect(await isAllowed(`https://${'a'.repeat(300)}.example`)).toBe(false);
  });
});

/** 450 of them, with a redirect URI of an app's own scheme each. */
async function makeClientsOfBefore(url: string): Promise<void> {
  const db = openDatabase(url);
  await migrate(db, before, systemClock);
  await db.write(async (tx) => {
    for (let n = 0; n < 450; n += 1) {
      const redirect_uris = [`https://old${n}.example/cb`, 'com.example.app:/cb'];
      await tx.run(
        `INSERT INTO clients (client_id, profile, metadata, created_at, updated_at) VALUES ($1, 'oidc', $2, 1, 1)`,
        `old${n}`,
        JSON.stringify({ client_name: 'Old', token_endpoint_auth_method: 'none', redirect_uris }),
      );
    }
  });
  await db.close();
}
