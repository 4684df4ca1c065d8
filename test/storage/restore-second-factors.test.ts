/** A restore brings back no second factor that was replaced or removed since, and no code that was used. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { removeSecondFactors } from '../../src/identity/second-factors/remove-second-factors.ts';
import { backUp } from '../../src/storage/backup/back-up-to-sqlite-file.ts';
import { restore } from '../../src/storage/backup/restore.ts';
import { readMigrations } from '../../src/storage/migrate.ts';
import { codeOf, nextStep, recoveryCodesOn, setUpApp, userWithApp } from '../support/authenticator.ts';
import { freePort } from '../support/free-port.ts';
import { PASSWORD, startServer, type TestServer } from '../support/server.ts';
import { createUserAgent, type Page } from '../support/user-agent.ts';

const migrations = readMigrations(new URL('../../migrations/', import.meta.url));
let directory: string;
let backup: string;
let port: number;
let server: TestServer;

const url = () => `sqlite:${join(directory, 'gatehouse.db')}`;
const start = () => startServer({ port, environment: { GATEHOUSE_DATABASE: url() } });
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-second-factors-'));
  backup = join(directory, 'b.db');
  port = await freePort();
  server = await start();
});
afterEach(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

const makeBackup = () => backUp({ url: url(), migrations, clock: server.clock }, backup);

async function restoreAndStart(bringBack = false) {
  await server.stop();
  const { clock } = server;
  const { carried } = await restore({ url: url(), migrations, clock }, backup, {
    keepGrants: false,
    bringBack,
  });
  server = await start();
  server.clock.advance(clock.nowMs() - server.clock.nowMs());
  return carried;
}

/** Where a sign-in with these leads. */
async function signIn(username: string, code?: string): Promise<string> {
  const agent = createUserAgent(server.issuer);
  const login = await agent.open(`${server.issuer}/login`);
  let page: Page = await agent.submit(login, { username, password: PASSWORD });
  if (code !== undefined) page = await agent.submit(page, { code });
  return new URL(page.url).pathname;
}

it('L15 an app that was set up since is kept, and a code that was used since stays used', async () => {
  await server.user('new');
  const { seed: kept } = await userWithApp(server, 'kept');
  await makeBackup();
  const agent = createUserAgent(server.issuer);
  await agent.submit(await agent.open(`${server.issuer}/login`), { username: 'new', password: PASSWORD });
  const seed = await setUpApp(server, agent);
  nextStep(server);
  const used = codeOf(server, kept);
  expect(await signIn('kept', used)).toBe('/account');
  expect((await restoreAndStart())?.authenticators_removed).toEqual([]);
  expect(await signIn('kept', used)).toBe('/totp');
  expect(await signIn('new')).toBe('/totp');
  nextStep(server);
  expect(await signIn('kept', codeOf(server, kept))).toBe('/account');
  expect(await signIn('new', codeOf(server, seed))).toBe('/account');
});

it('L15 one that was replaced since does not come back', async () => {
  const { agent, seed } = await userWithApp(server, 'alice');
  await makeBackup();
  const next = await setUpApp(server, agent);
  nextStep(server);
  await restoreAndStart();
  expect(await signIn('alice', codeOf(server, seed))).toBe('/totp');
  expect(await signIn('alice', codeOf(server, next))).toBe('/account');
});

it.each([false, true])(
  'one that was removed since comes back only by --bring-back (%s)',
  async (bringBack) => {
    const { sub } = await userWithApp(server, 'alice');
    await makeBackup();
    await removeSecondFactors(server.gatehouse, sub);
    const carried = await restoreAndStart(bringBack);
    expect(carried?.authenticators_removed).toEqual(bringBack ? undefined : ['alice']);
    expect(await signIn('alice')).toBe(bringBack ? '/totp' : '/account');
  },
);

/** Whether the code signs in, instead of the app. */
async function isGood(username: string, code = ''): Promise<boolean> {
  const agent = createUserAgent(server.issuer);
  await agent.submit(await agent.open(`${server.issuer}/login`), { username, password: PASSWORD });
  const page = await agent.submit(await agent.open(`${server.issuer}/recovery-code`), { code });
  return new URL(page.url).pathname === '/account';
}

it('L15 a recovery code that was used since stays used, and those that newer ones ended stay ended', async () => {
  const path = `${server.issuer}/account/recovery-codes`;
  const { agent: ofAlice } = await userWithApp(server, 'alice');
  const { agent: ofBob } = await userWithApp(server, 'bob');
  const renew = async (agent: typeof ofBob) =>
    recoveryCodesOn(await agent.submit(await agent.open(path), {}));
  const [used, unused] = await renew(ofAlice);
  const [former] = await renew(ofBob);
  await makeBackup();
  expect(await isGood('alice', used)).toBe(true);
  const [newer] = await renew(ofBob);
  await restoreAndStart();
  expect([await isGood('alice', used), await isGood('alice', unused)]).toEqual([false, true]);
  expect([await isGood('bob', former), await isGood('bob', newer)]).toEqual([false, true]);
});
