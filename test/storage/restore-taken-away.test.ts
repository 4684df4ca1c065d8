/** What was narrowed or ended after a backup does not come back with it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listLiveSessions } from '../../src/identity/sessions/find-live-sessions.ts';
import type { UserChanges } from '../../src/identity/users/check-and-merge-user-input.ts';
import { removeUser } from '../../src/identity/users/user-removal.ts';
import {
  createUser,
  findUser,
  findUserByUsername,
  setPassword,
  setUserDisabled,
  updateUser,
} from '../../src/identity/users/users.ts';
import { isRefusal } from '../../src/lib/outcome.ts';
import { updateClient } from '../../src/oauth/clients/create-and-update-clients.ts';
import { deleteClient } from '../../src/oauth/clients/delete-client-in-pieces.ts';
import { setClientDisabled } from '../../src/oauth/clients/disable-and-enable-client.ts';
import { backUp } from '../../src/storage/backup/back-up-to-sqlite-file.ts';
import { restore } from '../../src/storage/backup/restore.ts';
import { readMigrations } from '../../src/storage/migrate.ts';
import {
  authorize,
  authorizeUrl,
  confidentialClient,
  lastReason,
  newPkce,
  passPages,
  post,
  publicClient,
  redeem,
  refresh,
  requestOf,
  userinfo,
} from '../support/flow.ts';
import { freePort } from '../support/free-port.ts';
import { grantTypes, PASSWORD, startServer, type TestServer } from '../support/server.ts';
import { createUserAgent } from '../support/user-agent.ts';

const migrations = readMigrations(new URL('../../migrations/', import.meta.url));
let directory: string;
let file: string;
let backup: string;
let port: number;
let server: TestServer;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-taken-'));
  file = join(directory, 'gatehouse.db');
  backup = join(directory, 'b.db');
  port = await freePort();
  server = await start();
});
afterEach(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

const start = () => startServer({ port, environment: { GATEHOUSE_DATABASE: `sqlite:${file}` } });
const parts = () => ({ url: `sqlite:${file}`, migrations, clock: server.clock });
const makeBackup = () => backUp(parts(), backup);

async function restoreAndStart({ bringBack = false, keepGrants = false } = {}) {
  await server.stop();
  const restored = await restore(parts(), backup, { keepGrants, bringBack });
  const { clock } = server;
  server = await start();
  server.clock.advance(clock.nowMs() - server.clock.nowMs());
  return restored.carried;
}

async function signIn(username: string, password = PASSWORD) {
  const client = await publicClient(server);
  const agent = createUserAgent(server.issuer);
  const page = await agent.open(authorizeUrl(server, requestOf(client.client, newPkce())));
  return agent.submit(page, { username, password });
}

describe('a consent', () => {
  const claims = JSON.stringify({ userinfo: { phone_number: { essential: true } } });

  /** Whether the person is asked. */
  async function isAsked(client: Parameters<typeof requestOf>[0], more: Record<string, string>) {
    const agent = createUserAgent(server.issuer);
    const page = await agent.open(authorizeUrl(server, requestOf(client, newPkce(), more)));
    const next = await agent.submit(page, { username: 'alice', password: PASSWORD });
    return next.body.includes('id="allow"');
  }

  it('to single claims that was withdrawn since the backup is asked for again', async () => {
    await server.user('alice', { phone_number: '+43 316 1' });
    const { client } = await publicClient(server, { scope: 'openid phone' });
    const { agent } = await authorize(server, client, { more: { claims } });
    expect(await isAsked(client, { claims })).toBe(false);
    await makeBackup();
    const apps = await agent.open(`${server.issuer}/account/apps`);
    await agent.submit(apps, { client_id: client.client_id });
    await authorize(server, client);
    expect((await restoreAndStart())?.consents_withdrawn).toEqual([`alice ${client.client_id}`]);
    expect(await isAsked(client, { claims })).toBe(true);
  });

  it('that differs in any column but its times is asked for again', async () => {
    await server.user('alice');
    const { client } = await publicClient(server);
    await authorize(server, client);
    await makeBackup();
    const [row] = await server.gatehouse.db.all<Record<string, unknown>>('SELECT * FROM consents');
    const columns = Object.keys(row ?? {}).filter((name) => !['sub', 'client_id'].includes(name));
    const comesBack: string[] = [];

    for (const column of columns) {
      const other = typeof row?.[column] === 'number' ? Number(row[column]) + 1 : '["other"]';
      await restoreAndStart({ bringBack: true });
      await server.gatehouse.db.write((tx) => tx.run(`UPDATE consents SET ${column} = $1`, other));
      const carried = await restoreAndStart();
      if (carried?.consents_withdrawn.length === 0) comesBack.push(column);
    }
    expect(comesBack).toEqual(['created_at', 'updated_at']);
  });
});

describe('what belongs to users', () => {
  it('A067 no user gets another user’s e-mail address as username, though it was their username in the backup', async () => {
    const make = async (username: string, email: string) => {
      const user = await createUser(server.gatehouse, { username, email });
      if (isRefusal(user)) throw new Error(user.reason);
      return user.sub;
    };
    const anna = await make('x@example.com', 'x@example.com');
    const gone = await make('y@example.com', 'y@example.com');
    const [bob, berta] = [await make('bob', 'bob@example.com'), await make('berta', 'berta@example.com')];
    await makeBackup();
    server.clock.advance(1000);
    await removeUser(server.gatehouse, gone);
    for (const [sub, changes] of [
      [anna, { username: 'anna', email: 'anna@example.com' }],
      [bob, { email: 'x@example.com' }],
      [berta, { email: 'y@example.com' }],
    ] as const)
      expect(isRefusal(await updateUser(server.gatehouse, sub, changes))).toBe(false);
    const carried = await restoreAndStart();
    expect(carried?.usernames_changed.toSorted()).toEqual([`anna ${anna}`, `${gone} ${gone}`].toSorted());
    for (const [name, sub] of [
      ['anna', anna],
      ['x@example.com', bob],
      ['y@example.com', berta],
    ] as const)
      expect((await findUserByUsername(server.gatehouse, name))?.sub).toBe(sub);
    expect(isRefusal(await updateUser(server.gatehouse, anna, { roles: ['admin'] }))).toBe(false);
  });

  it('claims and e-mail addresses keep their last values, also where an address was given to another user', async () => {
    const changes = ['carol', 'dave', 'erin'];
    const [carol, dave, erin] = await Promise.all(
      changes.map((name) => server.user(name, { nickname: 'boss', email_verified: true })),
    );
    const subs = [carol, dave, erin].map((user) => user?.sub ?? '');
    const [carolSub = '', daveSub = '', erinSub = ''] = subs;
    await makeBackup();
    server.clock.advance(1000);
    const change = async (sub: string, changes: UserChanges) =>
      expect(isRefusal(await updateUser(server.gatehouse, sub, changes))).toBe(false);
    await change(carolSub, { email: 'carol@new.example', claims: {} });
    await change(daveSub, { email: 'carol@example.com' });
    await removeUser(server.gatehouse, erinSub);
    await change(carolSub, { email: 'erin@example.com' });
    const since = await Promise.all([carolSub, daveSub].map((sub) => findUser(server.gatehouse, sub)));
    const carried = await restoreAndStart();
    expect(carried?.users_changed.toSorted()).toEqual(['carol', 'dave']);
    expect(carried?.users_deleted).toEqual(['erin']);
    expect(await Promise.all([carolSub, daveSub].map((sub) => findUser(server.gatehouse, sub)))).toEqual(
      since,
    );
    expect(await findUser(server.gatehouse, erinSub)).toMatchObject({ disabled: true, email: undefined });

    await restoreAndStart({ bringBack: true });
    expect(await findUser(server.gatehouse, carolSub)).toMatchObject({ email: 'carol@example.com' });
    expect(await findUser(server.gatehouse, erinSub)).toMatchObject({ email: 'erin@example.com' });
  });

  it('a password that was guessed at stays locked, whatever is restored', async () => {
    await server.user('alice');
    await makeBackup();
    for (let attempt = 0; attempt < 16; attempt += 1) {
      server.clock.advance(900_000);
      await signIn('alice', 'wrong');
    }
    await restoreAndStart({ bringBack: true });
    const page = await signIn('alice');
    expect(page.body).toContain('name="password"');
    expect(await lastReason(server)).toBe('account_throttled');
  });
});

describe('what a user or a client had, where the operator keeps the grants,', () => {
  const twice = async (set: (disabled: boolean) => Promise<unknown>) => {
    await set(true);
    await set(false);
  };
  const user = async () => (await findUserByUsername(server.gatehouse, 'alice'))?.sub ?? '';
  const disableUser = async (disabled: boolean) => setUserDisabled(server.gatehouse, await user(), disabled);
  const disableClient = (disabled: boolean) => setClientDisabled(server.gatehouse, 'app', disabled);

  it.each([
    ['that was disabled since', () => disableUser(true), () => disableUser(false)],
    ['that was disabled and enabled since', () => twice(disableUser), async () => {}],
    [
      'that got a new password since',
      async () => setPassword(server.gatehouse, await user(), PASSWORD),
      async () => {},
    ],
    [
      'that was deleted since',
      async () => removeUser(server.gatehouse, await user()),
      () => disableUser(false),
    ],
    ['whose client was disabled since', () => disableClient(true), () => disableClient(false)],
    ['whose client was disabled and enabled since', () => twice(disableClient), async () => {}],
    [
      'whose client was deleted since',
      () => deleteClient(server.gatehouse, 'app'),
      () => disableClient(false),
    ],
  ] as const)('does not live again for a person %s', async (_what, end, enable) => {
    const { sub } = await server.user('alice');
    const app = await confidentialClient(server, { client_id: 'app', scope: 'openid offline_access' });
    const { body } = await redeem(
      server,
      app,
      await authorize(server, app.client, { more: { scope: 'openid offline_access', prompt: 'consent' } }),
    );
    await makeBackup();
    await end();
    await restoreAndStart({ keepGrants: true });
    await enable();
    expect((await findUser(server.gatehouse, sub))?.disabled).toBe(false);
    expect((await refresh(server, app, body.refresh_token)).body.error).toBe('invalid_grant');
    expect((await userinfo(server, body.access_token)).status).toBe(401);
    if (!_what.includes('client')) expect(await listLiveSessions(server.gatehouse, sub)).toEqual([]);
  });

  it.each(['withdrawn', 'changed', 'kept'])('lives unless its consent was withdrawn: %s', async (what) => {
    await server.user('alice');
    const scope = 'openid offline_access email';
    const app = await confidentialClient(server, { scope });
    const other = await confidentialClient(server, { scope });
    const more = { scope: 'openid offline_access', prompt: 'consent' };
    const authorized = await authorize(server, app.client, { more });
    const { body } = await redeem(server, app, authorized);
    const { body: others } = await redeem(server, other, await authorize(server, other.client, { more }));
    await makeBackup();
    if (what === 'withdrawn') {
      const apps = await authorized.agent.open(`${server.issuer}/account/apps`);
      await authorized.agent.submit(apps, { client_id: app.client.client_id });
    }
    if (what === 'changed') await authorize(server, app.client, { more: { scope, prompt: 'consent' } });
    const carried = await restoreAndStart({ keepGrants: true });
    expect(carried?.consents_withdrawn).toHaveLength(what === 'kept' ? 0 : 1);
    const expected = what === 'withdrawn' ? 400 : 200;
    expect((await refresh(server, app, body.refresh_token)).status).toBe(expected);
    expect((await userinfo(server, body.access_token)).status === 200).toBe(expected === 200);
    expect((await refresh(server, other, others.refresh_token)).status).toBe(200);
  });
});

it('a client keeps the origins of its last metadata', async () => {
  const { client_id } = (await publicClient(server, { redirect_uris: ['https://left.example/cb'] })).client;
  await makeBackup();
  await updateClient(server.gatehouse, grantTypes, client_id, { redirect_uris: ['https://new.example/cb'] });
  expect((await restoreAndStart())?.clients_changed).toEqual([client_id]);
  const { clients } = server.gatehouse;
  expect([
    await clients.isOrigin('https://left.example'),
    await clients.isOrigin('https://new.example'),
  ]).toEqual([false, true]);
});

it('a secret of a client that was deleted and made again since has ended', async () => {
  const metadata = { client_id: 'api', grant_types: ['client_credentials'], redirect_uris: [] };
  const old = await server.client({ ...metadata, client_secret: 'o'.repeat(43) });
  await makeBackup();
  await deleteClient(server.gatehouse, 'api');
  await server.client({ ...metadata, client_secret: 'n'.repeat(43) });
  const carried = await restoreAndStart();
  expect({ ended: carried?.secrets_ended, lost: carried?.secrets_lost }).toEqual({
    ended: ['api'],
    lost: ['api'],
  });
  expect((await post(server, '/token', { grant_type: 'client_credentials' }, old)).body.error).toBe(
    'invalid_client',
  );
});

it('an app that was still to be notified of a sign-out is notified after a restore too', async () => {
  await server.user('alice');
  // Nobody listens there.
  const uri = `https://localhost:${await freePort()}/logout`;
  const { client } = await publicClient(server, { backchannel_logout_uri: uri });
  const { agent } = await authorize(server, client);
  await makeBackup();
  const page = await agent.open(`${server.issuer}/account/sign-out-everywhere`);
  await passPages(agent, page);
  await agent.submit(page, {});
  const waiting = () => server.gatehouse.db.all('SELECT outbox_key FROM outbox ORDER BY outbox_key');
  const before = await waiting();
  expect(before).toHaveLength(1);
  await restoreAndStart();
  expect(await waiting()).toEqual(before);
});
