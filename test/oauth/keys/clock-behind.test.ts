/** Keys beside a node whose clock is behind, or one server that starts so and is set right. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeProtectedHeader } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KeyContext } from '../../../src/oauth/keys/context.ts';
import { listKeys } from '../../../src/oauth/keys/list-keys.ts';
import { maintainKeys } from '../../../src/oauth/keys/maintain-keys.ts';
import { rotateKeys } from '../../../src/oauth/keys/rotate-and-revoke-keys.ts';
import { listKeyRows } from '../../../src/storage/tables/keys.ts';
import { createTestClock } from '../../support/clock.ts';
import {
  authorize,
  confidentialClient,
  publicClient,
  redeem,
  refresh,
  userinfo,
} from '../../support/flow.ts';
import { freePort } from '../../support/free-port.ts';
import { startPostgres } from '../../support/postgres.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365 * DAY_MS;
const GATEHOUSE_MASTER_KEY = 'k'.repeat(44);

const engines = {
  async SQLite() {
    const directory = mkdtempSync(join(tmpdir(), 'gatehouse-behind-'));
    const stop = async () => rmSync(directory, { recursive: true, force: true });
    return { url: `sqlite:${join(directory, 'gatehouse.db')}`, stop };
  },
  PostgreSQL: startPostgres,
};

describe.each(Object.entries(engines))('%s', (_name, start) => {
  let engine: { url: string; stop(): Promise<void> };
  let port: number;
  let server: TestServer;
  const clock = createTestClock();
  beforeAll(async () => {
    engine = await start();
    port = await freePort();
  });
  afterAll(() => engine.stop());
  beforeEach(async () => {
    server = await begin();
    if (!(await server.gatehouse.db.get('SELECT 1 FROM users'))) await server.user();
    // A rotation in its time, as long ago as erases the private part of the key before.
    clock.advance(90 * DAY_MS - 20 * MINUTE_MS);
    await maintainKeys(server.gatehouse);
    clock.advance(DAY_MS);
    await maintainKeys(server.gatehouse);
    await server.gatehouse.db.write((tx) =>
      tx.run(`UPDATE keys SET private_sealed = '' WHERE removed_at < $1`, clock.nowMs()),
    );
    clock.advance(4 * DAY_MS);
  });
  afterEach(() => server.stop());

  const begin = () =>
    startServer({ clock, port, environment: { GATEHOUSE_DATABASE: engine.url, GATEHOUSE_MASTER_KEY } });

  /** The installation as a node sees it whose clock is behind. */
  function behindBy(milliseconds: number): KeyContext {
    return { ...server.gatehouse, clock: { nowMs: () => clock.nowMs() - milliseconds } };
  }

  async function signIn() {
    const app = await publicClient(server);
    const { body } = await redeem(server, app, await authorize(server, app.client));
    return { app, body, kid: decodeProtectedHeader(body.access_token).kid };
  }

  async function expectUnharmed({ app, body, kid }: Awaited<ReturnType<typeof signIn>>): Promise<void> {
    const { keys } = (await (await fetch(`${server.issuer}/jwks`)).json()) as { keys: { kid: string }[] };
    expect(keys.map((key) => key.kid)).toContain(kid);
    expect((await userinfo(server, body.access_token)).status).toBe(200);
    expect((await refresh(server, app, body.refresh_token)).status).toBe(200);
  }

  it.each([
    ['an hour', HOUR_MS],
    ['six days', 6 * DAY_MS],
    ['20 years', 20 * YEAR_MS],
  ])('a node that starts %s behind writes nothing of the keys', async (_how, ms) => {
    const signedIn = await signIn();
    const before = await listKeyRows(server.gatehouse.db);
    await maintainKeys(behindBy(ms));
    expect(await listKeyRows(server.gatehouse.db)).toEqual(before);
    await expectUnharmed(signedIn);
  });

  it('a server that starts 20 years behind signs, and keeps its keys when the clock is set right', async () => {
    const signedIn = await signIn();
    await server.stop();
    clock.advance(-20 * YEAR_MS);
    server = await begin();
    expect((await listKeys(server.gatehouse)).filter(({ state }) => state === 'current')).toHaveLength(2);
    clock.advance(20 * YEAR_MS);
    await expectUnharmed(signedIn);
  });

  it.each([
    ['rotate', 'an hour', HOUR_MS, false],
    ['rotate --now', 'an hour', HOUR_MS, true],
    ['rotate', '20 years', 20 * YEAR_MS, false],
    ['rotate --now', '20 years', 20 * YEAR_MS, true],
  ])('keys %s %s behind: what was signed is verified until it expires', async (_command, _how, ms, now) => {
    const signedIn = await signIn();
    await rotateKeys(behindBy(ms), { now });
    await expectUnharmed(signedIn);
    await maintainKeys(server.gatehouse);
    clock.advance(4 * MINUTE_MS);
    expect((await userinfo(server, signedIn.body.access_token)).status).toBe(200);
  });

  it.each([
    ['five minutes', 5 * MINUTE_MS],
    ['an hour', HOUR_MS],
    ['20 years', 20 * YEAR_MS],
  ])('a key that is revoked %s behind goes, and another signs at once', async (_how, ms) => {
    const { app, body, kid } = await signIn();
    await rotateKeys(behindBy(ms), { now: true, revoke: [kid ?? ''] });
    expect((await userinfo(server, body.access_token)).status).toBe(401);
    const again = await refresh(server, app, body.refresh_token);
    expect(again.status).toBe(200);
    expect((await userinfo(server, again.body.access_token)).status).toBe(200);
    await maintainKeys(server.gatehouse);
    expect((await userinfo(server, again.body.access_token)).status).toBe(200);
  });

  it.each([
    ['five minutes', 5 * MINUTE_MS],
    ['an hour', HOUR_MS],
    ['20 years', 20 * YEAR_MS],
  ])('a node %s behind, in whose settings nothing uses it, takes no key that signs', async (_how, ms) => {
    const app = await confidentialClient(server, { id_token_signed_response_alg: 'EdDSA' });
    const code = await authorize(server, app.client);
    await server.gatehouse.db.write((tx) => tx.run('DELETE FROM client_algorithms'));
    await maintainKeys(behindBy(ms));
    expect((await redeem(server, app, code)).status).toBe(200);
  });
});
