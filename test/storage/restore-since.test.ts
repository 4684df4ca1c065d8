import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { updateClient } from '../../src/oauth/clients/create-and-update-clients.ts';
import { setClientDisabled } from '../../src/oauth/clients/disable-and-enable-client.ts';
import { listKeys } from '../../src/oauth/keys/list-keys.ts';
import { rotateKeys } from '../../src/oauth/keys/rotate-and-revoke-keys.ts';
import { backUp } from '../../src/storage/backup/back-up-to-sqlite-file.ts';
import { restore } from '../../src/storage/backup/restore.ts';
import { readMigrations } from '../../src/storage/migrate.ts';
import { confidentialClient, publicClient } from '../support/flow.ts';
import { freePort } from '../support/free-port.ts';
import { grantTypes, startServer, type TestServer } from '../support/server.ts';

const migrations = readMigrations(new URL('../../migrations/', import.meta.url));
const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const DEFAULTS = { keepGrants: false, bringBack: false };
let directory: string;
let file: string;
let backup: string;
let port: number;
let server: TestServer;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-since-'));
  file = join(directory, 'gatehouse.db');
  backup = join(directory, 'b.db');
  port = await freePort();
  await start();
});
afterEach(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function start(): Promise<void> {
  server = await startServer({ port, environment: { GATEHOUSE_DATABASE: `sqlite:${file}` } });
}

const parts = () => ({ url: `sqlite:${file}`, migrations, clock: server.clock });

async function restoreAndStart(choice = DEFAULTS, meanwhile: () => void = () => {}) {
  await server.stop();
  meanwhile();
  const restored = await restore(parts(), backup, choice);
  const { clock } = server;
  await start();
  server.clock.advance(clock.nowMs() - server.clock.nowMs());
  return restored;
}

async function keyOf(kid: string) {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  return { jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256' }, privateKey, kid };
}
type Key = Awaited<ReturnType<typeof keyOf>>;

async function signingClient(key: Key) {
  const metadata = {
    token_endpoint_auth_method: 'private_key_jwt',
    grant_types: ['client_credentials'],
    redirect_uris: [],
    jwks: { keys: [key.jwk] },
  };
  return (await confidentialClient(server, metadata)).client.client_id;
}

const now = () => Math.floor(server.clock.nowMs() / 1000);

function assertionOf(client_id: string, { kid, privateKey }: Key, claims: Record<string, unknown> = {}) {
  const aud = server.issuer;
  const all = { iss: client_id, sub: client_id, aud, exp: now() + 3600, iat: now(), jti: randomUUID() };
  return new SignJWT({ ...all, ...claims }).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey);
}

async function ask(client_assertion: string): Promise<number> {
  const form = { grant_type: 'client_credentials', client_assertion_type: TYPE, client_assertion };
  return (await fetch(`${server.issuer}/token`, { method: 'POST', body: new URLSearchParams(form) })).status;
}

describe('A043 a client assertion that was used stays used after a restore', () => {
  let key: Key;
  let client_id: string;
  beforeEach(async () => {
    key = await keyOf('one');
    client_id = await signingClient(key);
  });
  const fresh = (claims: Record<string, unknown> = {}) => assertionOf(client_id, key, claims);

  it.each([DEFAULTS, { keepGrants: true, bringBack: false }, { keepGrants: false, bringBack: true }])(
    'before and after the backup, and new ones are taken at once: %j',
    async (choice) => {
      const [before, after] = [await fresh(), await fresh()];
      expect(await ask(before)).toBe(200);
      await backUp(parts(), backup);
      expect(await ask(after)).toBe(200);
      await restoreAndStart(choice);
      expect([await ask(before), await ask(after), await ask(await fresh())]).toEqual([401, 401, 200]);
    },
  );

  it('the database that was there is damaged or gone: all that may have been used are refused', async () => {
    const [used, undated] = [await fresh(), await fresh({ iat: undefined })];
    await backUp(parts(), backup);
    expect([await ask(used), await ask(undated)]).toEqual([200, 200]);
    const { not_carried } = await restoreAndStart(DEFAULTS, () => {
      for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
      writeFileSync(file, 'no database any more '.repeat(500));
    });
    expect(not_carried).toBe('unreadable');
    expect([await ask(used), await ask(undated), await ask(await fresh())]).toEqual([401, 401, 401]);
    server.clock.advance(32_000);
    expect([await ask(used), await ask(undated), await ask(await fresh())]).toEqual([401, 401, 200]);
    expect(await ask(await fresh({ iat: undefined, exp: now() + 3500 }))).toBe(401);
    server.clock.advance(3_600_000);
    expect(await ask(await fresh({ iat: undefined }))).toBe(200);

    const { carried } = await restoreAndStart();
    expect(carried).toBeDefined();
    expect(await ask(used)).toBe(401);
  });

  it('what a database did not know before it was replaced stays unknown', async () => {
    const used = await fresh();
    await backUp(parts(), backup);
    expect(await ask(used)).toBe(200);
    await restoreAndStart(DEFAULTS, () => rmSync(file));
    await restoreAndStart({ keepGrants: true, bringBack: false });
    expect(await ask(used)).toBe(401);
  });
});

describe('after every signing key was revoked', () => {
  async function revokeAll(): Promise<string[]> {
    const kids = (await listKeys(server.gatehouse)).map(({ kid }) => kid);
    for (const revoke of kids) await rotateKeys(server.gatehouse, { now: true, revoke: [revoke] });
    return kids;
  }
  async function published(): Promise<string[]> {
    const { keys } = (await (await fetch(`${server.issuer}/jwks`)).json()) as { keys: { kid: string }[] };
    return keys.map(({ kid }) => kid);
  }

  it('a restore of the same installation keeps them revoked, and keeps disabled what was disabled', async () => {
    const { client } = await publicClient(server);
    await backUp(parts(), backup);
    const revoked = await revokeAll();
    await setClientDisabled(server.gatehouse, client.client_id, true);
    const kept = await published();
    const { carried, not_carried } = await restoreAndStart();
    expect(not_carried).toBeUndefined();
    expect(carried?.keys_withdrawn.toSorted()).toEqual(revoked.toSorted());
    expect(carried?.clients_disabled).toEqual([client.client_id]);
    expect((await published()).toSorted()).toEqual(kept.toSorted());
  });

  it('a backup from before there were installation ids is of the same installation by its people', async () => {
    await server.user();
    await backUp(parts(), backup);
    const old = new SqliteDatabase(backup);
    old.exec(`ALTER TABLE revisions DROP COLUMN house_id;
      ALTER TABLE revisions DROP COLUMN assertions_unknown_before;
      DELETE FROM migrations WHERE name = '0010_house.sql'`);
    old.close();
    const revoked = await revokeAll();
    const id = await installationId();
    const { carried } = await restoreAndStart();
    expect(carried?.keys_withdrawn.toSorted()).toEqual(revoked.toSorted());
    expect(await installationId()).toBe(id);
  });

  it('the database that is replaced may be older than installation ids', async () => {
    await backUp(parts(), backup);
    const [revoke = ''] = (await listKeys(server.gatehouse)).map(({ kid }) => kid);
    await rotateKeys(server.gatehouse, { now: true, revoke: [revoke] });
    const { carried } = await restoreAndStart(DEFAULTS, () => {
      const old = new SqliteDatabase(file);
      old.exec(`ALTER TABLE revisions DROP COLUMN house_id;
        ALTER TABLE revisions DROP COLUMN assertions_unknown_before`);
      old.close();
    });
    expect(carried?.keys_withdrawn).toEqual([revoke]);
  });

  it('a database of another installation revokes nothing in the restored one', async () => {
    const { client } = await publicClient(server);
    await backUp(parts(), backup);
    await server.stop();
    rmSync(file);
    rmSync(`${file}-server.lock`, { force: true });
    file = join(directory, 'other.db');
    await start();
    const { carried, not_carried } = await restoreAndStart();
    expect({ carried, not_carried }).toEqual({ carried: undefined, not_carried: 'another_installation' });
    expect((await server.gatehouse.clients.find(client.client_id))?.disabled).toBe(false);
  });
});

async function installationId(): Promise<string | null | undefined> {
  const sql = `SELECT house_id FROM revisions WHERE name = 'house'`;
  return (await server.gatehouse.db.get<{ house_id: string | null }>(sql))?.house_id;
}

it('metadata of clients that changed since are as they were last, by name, unless brought back', async () => {
  const [leaked, replaced] = [await keyOf('leaked'), await keyOf('replaced')];
  const client_id = await signingClient(leaked);
  const resource = 'https://api.test/narrowed';
  const api = (await confidentialClient(server, { resources: [resource] })).client.client_id;
  const same = (await publicClient(server)).client.client_id;
  await backUp(parts(), backup);
  server.clock.advance(1000);
  await updateClient(server.gatehouse, grantTypes, client_id, { jwks: { keys: [replaced.jwk] } });
  await updateClient(server.gatehouse, grantTypes, api, {
    redirect_uris: ['https://web.test/left'],
    resources: [],
  });
  const { carried } = await restoreAndStart();
  expect(carried?.clients_changed.toSorted()).toEqual([client_id, api].toSorted());
  expect(carried?.clients_changed).not.toContain(same);
  expect(await ask(await assertionOf(client_id, leaked))).toBe(401);
  expect(await ask(await assertionOf(client_id, replaced))).toBe(200);
  expect((await server.gatehouse.clients.find(api))?.metadata.redirect_uris).toEqual([
    'https://web.test/left',
  ]);
  expect(await server.gatehouse.db.all('SELECT * FROM resources WHERE resource = $1', resource)).toEqual([]);

  await restoreAndStart({ keepGrants: false, bringBack: true });
  expect(await ask(await assertionOf(client_id, leaked))).toBe(200);
  expect(await ask(await assertionOf(client_id, replaced))).toBe(401);
});

it('the key of an algorithm that a client began to use since stays, as its metadata do', async () => {
  const { client_id } = (await confidentialClient(server)).client;
  await backUp(parts(), backup);
  await updateClient(server.gatehouse, grantTypes, client_id, { id_token_signed_response_alg: 'EdDSA' });
  const eddsa = async () => (await listKeys(server.gatehouse)).filter(({ alg }) => alg === 'EdDSA');
  const before = await eddsa();
  await restoreAndStart();
  expect(before).toMatchObject([{ state: 'current', retires_at: null }]);
  expect(await eddsa()).toEqual(before);
});
