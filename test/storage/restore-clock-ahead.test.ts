/** A restore while the clock is ahead, or of a backup with what such a clock wrote. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findUserByUsername, setPassword, updateUser } from '../../src/identity/users/users.ts';
import { updateClient } from '../../src/oauth/clients/create-and-update-clients.ts';
import { backUp } from '../../src/storage/backup/back-up-to-sqlite-file.ts';
import { restore } from '../../src/storage/backup/restore.ts';
import { readMigrations } from '../../src/storage/migrate.ts';
import {
  authorize,
  confidentialClient,
  post,
  publicClient,
  type Registered,
  redeem,
  userinfo,
} from '../support/flow.ts';
import { freePort } from '../support/free-port.ts';
import { grantTypes, startServer, type TestServer } from '../support/server.ts';

const HOUR_MS = 3_600_000;
const AHEAD_MS = 2 * HOUR_MS;
const migrations = readMigrations(new URL('../../migrations/', import.meta.url));
let directory: string;
let file: string;
let port: number;
let server: TestServer;
let machine: Registered;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-ahead-'));
  file = join(directory, 'gatehouse.db');
  port = await freePort();
  server = await start();
  await server.user();
  machine = await confidentialClient(server, { grant_types: ['client_credentials'], redirect_uris: [] });
});
afterEach(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

const start = () => startServer({ port, environment: { GATEHOUSE_DATABASE: `sqlite:${file}` } });
const parts = () => ({ url: `sqlite:${file}`, migrations, clock: server.clock });
const backup = () => join(directory, 'b.db');

async function restoreAndStart() {
  await server.stop();
  const restored = await restore(parts(), backup(), { keepGrants: false, bringBack: false });
  const { clock } = server;
  server = await start();
  server.clock.advance(clock.nowMs() - server.clock.nowMs());
  return restored.carried;
}

async function machineToken(): Promise<string> {
  return (await post(server, '/token', { grant_type: 'client_credentials' }, machine)).body.access_token;
}

async function isActive(token: string): Promise<boolean> {
  return (await post(server, '/introspect', { token }, machine)).body.active;
}

it('what was revoked since the backup stays revoked, though the clock was ahead when it was issued', async () => {
  const app = (await publicClient(server)).client;
  const sub = (await findUserByUsername(server.gatehouse, 'alice'))?.sub ?? '';
  const write = async (name: string, path: string) => {
    await updateUser(server.gatehouse, sub, { claims: { name } });
    await updateClient(server.gatehouse, grantTypes, app.client_id, {
      redirect_uris: [`https://app.example.com/${path}`],
    });
    await setPassword(server.gatehouse, sub, `correct horse ${path} staple`);
  };
  server.clock.advance(AHEAD_MS);
  await write('Director', 'leaked');
  server.clock.advance(-AHEAD_MS);
  await backUp(parts(), backup());
  await write('Guest', 'cb');
  expect(await restoreAndStart()).toMatchObject({
    users_changed: ['alice'],
    clients_changed: [app.client_id],
    passwords_changed: ['alice'],
  });
  expect((await findUserByUsername(server.gatehouse, 'alice'))?.claims).toMatchObject({ name: 'Guest' });
  const now = await server.gatehouse.clients.find(app.client_id);
  expect(now?.metadata.redirect_uris).toEqual(['https://app.example.com/cb']);
});

describe.each([AHEAD_MS, -AHEAD_MS])('after a restore while the clock was %i ms off', (off) => {
  it('fresh tokens are good at once when it is set right, and none from before is', async () => {
    await backUp(parts(), backup());
    const app = await publicClient(server);
    const before = [
      await machineToken(),
      (await redeem(server, app, await authorize(server, app.client))).body.access_token,
    ];
    server.clock.advance(off);
    await restoreAndStart();
    server.clock.advance(-off);
    for (const token of before) expect(await isActive(token)).toBe(false);
    const own = await publicClient(server);
    const { body } = await redeem(server, own, await authorize(server, own.client));
    expect((await userinfo(server, body.access_token)).status).toBe(200);
    expect(await isActive(await machineToken())).toBe(true);
  });
});
