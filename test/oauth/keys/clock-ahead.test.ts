/** Keys whose times a clock wrote that was ahead, and was set right since; or a node that is ahead. */
import { decodeProtectedHeader } from 'jose';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { KeyContext } from '../../../src/oauth/keys/context.ts';
import { createFormerKeys, turnsToWait } from '../../../src/oauth/keys/erase-former-keys.ts';
import { listKeys } from '../../../src/oauth/keys/list-keys.ts';
import { maintainKeys } from '../../../src/oauth/keys/maintain-keys.ts';
import { rotateKeys } from '../../../src/oauth/keys/rotate-and-revoke-keys.ts';
import { createTestClock } from '../../support/clock.ts';
import { authorize, publicClient, redeem, userinfo } from '../../support/flow.ts';
import { seeFormerKeys } from '../../support/former-keys.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365 * DAY_MS;
let server: TestServer;

beforeEach(async () => {
  // The first start: its clock is two hours ahead.
  const clock = createTestClock();
  clock.advance(2 * HOUR_MS);
  server = await startServer({ clock });
  await server.user();
});
afterEach(() => server.stop());

/** The installation as a machine sees it whose clock is ahead. */
function aheadBy(milliseconds: number): KeyContext {
  return { ...server.gatehouse, clock: { nowMs: () => server.clock.nowMs() + milliseconds } };
}

async function tokens() {
  const client = await publicClient(server);
  return redeem(server, client, await authorize(server, client.client));
}

const keysOf = async (alg: string) => (await listKeys(server.gatehouse)).filter((key) => key.alg === alg);
const signerOf = (token: string) => decodeProtectedHeader(token).kid;

it('the keys of a first start with the clock ahead still sign when it is set right, and no others are needed', async () => {
  server.clock.advance(-2 * HOUR_MS);
  const { status, body } = await tokens();
  expect(status).toBe(200);
  expect((await userinfo(server, body.access_token)).status).toBe(200);
  await maintainKeys(server.gatehouse);
  const keys = await keysOf('ES256');
  expect(keys).toMatchObject([{ kid: signerOf(body.access_token), state: 'current', retires_at: null }]);
});

it('a revocation on a machine that is ahead leaves no moment without a key', async () => {
  const [leaked] = await keysOf('ES256');
  await rotateKeys(aheadBy(4000), { now: true, revoke: [leaked?.kid ?? ''] });
  const { status, body } = await tokens();
  expect(status).toBe(200);
  expect(signerOf(body.access_token)).not.toBe(leaked?.kid);
});

it.each([1, 48])(
  'a rotation, and a start that is %i hours ahead: set right, tokens are signed',
  async (hours) => {
    await rotateKeys(server.gatehouse);
    await maintainKeys(aheadBy(hours * HOUR_MS));
    const { status, body } = await tokens();
    expect(status).toBe(200);
    await maintainKeys(server.gatehouse);
    const current = (await keysOf('ES256')).filter(({ state }) => state === 'current');
    expect(current.map(({ kid }) => kid)).toContain(signerOf(body.access_token));
    expect((await tokens()).status).toBe(200);
  },
);

it('a private part is erased a day after the key was published last', async () => {
  const [old] = await keysOf('ES256');
  await rotateKeys(server.gatehouse, { now: true });
  const sealed = async () =>
    (
      await server.gatehouse.db.get<{ private_sealed: string }>(
        'SELECT * FROM keys WHERE kid = $1',
        old?.kid ?? '',
      )
    )?.private_sealed;
  server.clock.advance(DAY_MS);
  await seeFormerKeys(server.gatehouse);
  expect(await sealed()).not.toBe('');
  server.clock.advance(HOUR_MS);
  await seeFormerKeys(server.gatehouse);
  expect(await sealed()).toBe('');
});

it.each([
  ['two days', 2 * DAY_MS],
  ['20 years', 20 * YEAR_MS],
])('a node %s ahead takes no key that signs or is published elsewhere', async (_how, ms) => {
  const { body } = await tokens();
  await rotateKeys(server.gatehouse);
  const { run } = createFormerKeys(aheadBy(ms));
  for (let turn = 0; turn < turnsToWait(server.gatehouse); turn += 1) {
    await maintainKeys(aheadBy(ms));
    await run();
  }
  const next = await tokens();
  expect(signerOf(next.body.access_token)).toBe(signerOf(body.access_token));
  expect((await userinfo(server, body.access_token)).status).toBe(200);
});

it('keys rotate in their time, though a node that was years ahead made successors', async () => {
  server.clock.advance(-2 * HOUR_MS);
  await maintainKeys(aheadBy(20 * YEAR_MS));
  const before = signerOf((await tokens()).body.access_token);
  for (const days of [91, 1]) {
    server.clock.advance(days * DAY_MS);
    await maintainKeys(server.gatehouse);
  }
  const { body } = await tokens();
  expect(signerOf(body.access_token)).not.toBe(before);
  expect((await userinfo(server, body.access_token)).status).toBe(200);
  const published = (await server.gatehouse.keys.published()).map(({ kid }) => kid);
  expect(published).not.toContain(before);
});

it('a key that went while the clock was ahead is there again when it is set right', async () => {
  const { body } = await tokens();
  await rotateKeys(server.gatehouse, { now: true });
  const published = async () => (await server.gatehouse.keys.published()).map(({ kid }) => kid);
  server.clock.advance(2 * HOUR_MS);
  expect(await published()).not.toContain(signerOf(body.access_token));
  server.clock.advance(-2 * HOUR_MS);
  expect(await published()).toContain(signerOf(body.access_token));
  expect((await userinfo(server, body.access_token)).status).toBe(200);
});
