import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { removeUser } from '../../src/identity/users/user-removal.ts';
import { findUserByUsername, setPassword, updateUser } from '../../src/identity/users/users.ts';
import { deleteClient } from '../../src/oauth/clients/delete-client-in-pieces.ts';
import { setClientDisabled } from '../../src/oauth/clients/disable-and-enable-client.ts';
import { rotateClientSecret } from '../../src/oauth/clients/issue-client-secrets.ts';
import { rotateKeys } from '../../src/oauth/keys/rotate-and-revoke-keys.ts';
import { backUp } from '../../src/storage/backup/back-up-to-sqlite-file.ts';
import { restore } from '../../src/storage/backup/restore.ts';
import { readMigrations } from '../../src/storage/migrate.ts';
import { lifeCycles } from '../../src/storage/restore-and-cleanup-rules/index.ts';
import {
  authorize,
  confidentialClient,
  post,
  publicClient,
  type Registered,
  redeem,
  refresh,
  userinfo,
} from '../support/flow.ts';
import { freePort } from '../support/free-port.ts';
import { startServer, type TestServer } from '../support/server.ts';

const migrations = readMigrations(new URL('../../migrations/', import.meta.url));
let directory: string;
let file: string;
let port: number;
let server: TestServer;
let spa: Registered;
let machine: Registered;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-backup-'));
  file = join(directory, 'gatehouse.db');
  port = await freePort();
  await start();
  await server.user();
  spa = await publicClient(server);
  machine = await confidentialClient(server, { grant_types: ['client_credentials'], redirect_uris: [] });
});
afterEach(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function start(): Promise<void> {
  server = await startServer({ port, environment: { GATEHOUSE_DATABASE: `sqlite:${file}` } });
}

const parts = () => ({ url: `sqlite:${file}`, migrations, clock: server.clock });
const name = (text: string) => join(directory, text);

async function tokens() {
  return (await redeem(server, spa, await authorize(server, spa.client))).body;
}

async function isActive(token: string): Promise<boolean> {
  return (await post(server, '/introspect', { token }, machine)).body.active;
}

async function machineToken(): Promise<string> {
  return (await post(server, '/token', { grant_type: 'client_credentials' }, machine)).body.access_token;
}

async function restoreAndStart(backup: string, choice = { keepGrants: false, bringBack: false }) {
  await server.stop();
  const restored = await restore(parts(), backup, choice);
  const { clock } = server;
  await start();
  server.clock.advance(clock.nowMs() - server.clock.nowMs());
  return restored;
}

it('a backup under writes is whole and sound, 0600, and holds everything committed before it', async () => {
  const before = await tokens();
  const writing = Promise.all(Array.from({ length: 20 }, machineToken));
  await backUp(parts(), name('b.db'));
  await writing;
  expect(statSync(name('b.db')).mode & 0o777).toBe(0o600);
  expect(readdirSync(directory).filter((entry) => entry.includes('unfinished'))).toEqual([]);
  await restoreAndStart(name('b.db'), { keepGrants: true, bringBack: false });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect((await refresh(server, spa, before.refresh_token)).status).toBe(200);
});

it('a restore is refused while a command has the database open: its log would be read into the new file', async () => {
  await backUp(parts(), name('b.db'));
  await server.stop();
  const command = new SqliteDatabase(file);
  command.exec('PRAGMA journal_mode = WAL; CREATE TABLE by_a_command (a TEXT)');
  await expect(restore(parts(), name('b.db'), { keepGrants: true })).rejects.toThrow(/is in use/);
  command.close();
  await restore(parts(), name('b.db'), { keepGrants: true });
  const restored = new SqliteDatabase(file);
  expect(() => restored.exec('SELECT * FROM by_a_command')).toThrow(/no such table/);
  restored.close();
  await start();
});

it('a restore brings nothing back to life that could be spent or revoked since the backup', async () => {
  const before = await tokens();
  const client = await machineToken();
  const unspent = await authorize(server, spa.client);
  await backUp(parts(), name('b.db'));
  await post(server, '/revoke', { token: before.refresh_token }, spa);
  await post(server, '/revoke', { token: client }, machine);
  await redeem(server, spa, unspent);
  server.clock.advance(2000);
  await restoreAndStart(name('b.db'));
  expect((await refresh(server, spa, before.refresh_token)).body.error).toBe('invalid_grant');
  expect((await userinfo(server, before.access_token)).status).toBe(401);
  expect(await isActive(client)).toBe(false);
  expect((await redeem(server, spa, unspent)).body.error).toBe('invalid_grant');
  const silent = await unspent.agent.fetch(
    `${server.issuer}/authorize?${new URLSearchParams({
      response_type: 'code',
      client_id: spa.client.client_id,
      redirect_uri: spa.client.metadata.redirect_uris[0] ?? '',
      scope: 'openid',
      prompt: 'none',
      code_challenge: unspent.pkce.code_challenge,
      code_challenge_method: 'S256',
    })}`,
  );
  expect(silent.location).toContain('error=login_required');
  server.clock.advance(2000);
  expect(await isActive(await machineToken())).toBe(true);
  expect((await tokens()).access_token).toBeTypeOf('string');
});

it('what was revoked since the backup stays revoked and is named, unless the operator asks for it back', async () => {
  await server.user('bob');
  const [gone, off, spent] = [
    await publicClient(server),
    await publicClient(server),
    await confidentialClient(server),
  ];
  const carol = await server.user('carol');
  const alice = (await tokens()).id_token;
  await updateUser(server.gatehouse, carol.sub, { roles: ['editor'] });
  await updateUser(server.gatehouse, (await findUserByUsername(server.gatehouse, 'bob'))?.sub ?? '', {
    roles: ['editor'],
  });
  await backUp(parts(), name('b.db'));
  chmodSync(name('b.db'), 0o644);
  await server.gatehouse.db.write((tx) => tx.run('DELETE FROM user_roles'));
  await server.gatehouse.db.write((tx) => tx.run(`UPDATE users SET disabled_at = 1 WHERE username = 'bob'`));
  await removeUser(server.gatehouse, carol.sub);
  await deleteClient(server.gatehouse, gone.client.client_id);
  await setClientDisabled(server.gatehouse, off.client.client_id, true);
  await rotateClientSecret(server.gatehouse, spent.client.client_id, { keepOldForSeconds: 0 });
  await server.gatehouse.db.write((tx) => tx.run('DELETE FROM consents'));
  await rotateKeys(server.gatehouse, { now: true });
  server.clock.advance(2000);
  const { carried } = await restoreAndStart(name('b.db'));
  expect(carried).toMatchObject({
    roles_taken: expect.arrayContaining(['bob editor', 'carol editor']),
    groups_left: [],
    users_disabled: ['bob'],
    users_deleted: ['carol'],
    clients_disabled: [off.client.client_id],
    clients_deleted: [gone.client.client_id],
    secrets_ended: [spent.client.client_id],
    secrets_lost: [spent.client.client_id],
    consents_withdrawn: [`alice ${spa.client.client_id}`],
    passwords_changed: [],
  });
  expect(carried?.keys.length).toBeGreaterThan(0);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(alice).toBeTypeOf('string');
  const answer = await post(server, '/introspect', { token: 'x' }, spent);
  expect(answer.body.error).toBe('invalid_client');
  const again = await restoreAndStart(name('b.db'), { keepGrants: false, bringBack: true });
  expect(again.carried).toBeUndefined();
  expect((await post(server, '/introspect', { token: 'x' }, spent)).body).toEqual({ active: false });
});

it('a password that was changed since the backup is named, as the old one is good again', async () => {
  const { sub } = await server.user('dora');
  await backUp(parts(), name('b.db'));
  server.clock.advance(1000);
  await setPassword(server.gatehouse, sub, 'another good password for dora');
  expect((await restoreAndStart(name('b.db'))).carried?.passwords_changed).toEqual(['dora']);
});

it('the database that was there is kept aside, and a running server refuses a restore', async () => {
  await backUp(parts(), name('b.db'));
  await expect(restore(parts(), name('b.db'), { keepGrants: false })).rejects.toThrow(
    /another Gatehouse server/,
  );
  await server.stop();
  const { kept_aside } = await restore(parts(), name('b.db'), { keepGrants: false });
  const aside = new SqliteDatabase(kept_aside ?? '', { readonly: true });
  expect(aside.prepare('SELECT count(*) AS n FROM users').get()).toEqual({ n: 1 });
  aside.close();
  await start();
});

it('a file that is not a sound backup of Gatehouse is refused with a sentence, and the database stays unchanged', async () => {
  await backUp(parts(), name('b.db'));
  await server.stop();
  writeFileSync(name('text'), 'not a database, but long enough to look like one '.repeat(200));
  new SqliteDatabase(name('other.db')).exec('CREATE TABLE notes (id)').close();
  copyFileSync(name('b.db'), name('newer.db'));
  new SqliteDatabase(name('newer.db')).exec(`INSERT INTO migrations VALUES ('9999_later', 'x', 1)`).close();
  copyFileSync(name('b.db'), name('torn.db'));
  const torn = new SqliteDatabase(name('torn.db'));
  torn
    .unsafeMode()
    .exec("PRAGMA writable_schema = ON; DELETE FROM sqlite_master WHERE name = 'grants_by_user_and_client'");
  torn.close();
  for (const [backup, sentence] of [
    ['text', /not a usable SQLite database/],
    ['other.db', /not a Gatehouse database/],
    ['newer.db', /older than the database/],
    ['torn.db', /damaged|not a usable/],
    ['nothing', /no file/],
  ] as const) {
    await expect(restore(parts(), name(backup), { keepGrants: false })).rejects.toThrow(sentence);
  }
  expect(readdirSync(directory).filter((entry) => /restoring|before-restore/.test(entry))).toEqual([]);
  await start();
  expect((await tokens()).access_token).toBeTypeOf('string');
});

it('a backup replaces no file', async () => {
  writeFileSync(name('taken'), 'mine');
  await expect(backUp(parts(), name('taken'))).rejects.toThrow(/there already/);
  expect(existsSync(name('taken.unfinished'))).toBe(false);
});

it('every table is copied', async () => {
  const rows = await server.gatehouse.db.all<{ name: string }>(
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'migrations'`,
  );
  expect(rows.map((row) => row.name).sort()).toEqual(lifeCycles.map(({ table }) => table).sort());
});
