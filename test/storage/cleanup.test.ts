import { afterAll, beforeAll, expect, it } from 'vitest';
import { endSession } from '../../src/identity/sessions/end-sessions.ts';
import { createCleanUp } from '../../src/storage/cleanup.ts';
import { giveUpOutbox, insertOutbox, listOutbox } from '../../src/storage/tables/outbox.ts';
import { authorize, publicClient, type Registered, redeem, refresh } from '../support/flow.ts';
import { startServer, type TestServer } from '../support/server.ts';

const DAY_MS = 86_400_000;
let server: TestServer;
let spa: Registered;
beforeAll(async () => {
  server = await startServer();
  await server.user();
  spa = await publicClient(server);
});
afterAll(() => server.stop());

const count = async (table: string) =>
  Number((await server.gatehouse.db.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`))?.n);
const clean = () => createCleanUp(server.gatehouse).run();

it('deletes rows that no request can use any more, and no others', async () => {
  const more = { scope: 'openid offline_access', prompt: 'consent' };
  const { body } = await redeem(server, spa, await authorize(server, spa.client, { more }));
  expect(await clean()).toBe(0);
  server.clock.advance(2 * DAY_MS);
  await clean();
  expect([await count('interactions'), await count('one_time')]).toEqual([0, 0]);
  const renewed = await refresh(server, spa, body.refresh_token);
  expect(renewed.status).toBe(200);
  for (let step = 0; step < 4; step += 1) {
    server.clock.advance(28 * DAY_MS);
    await clean();
  }
  expect([await count('grants'), await count('sessions')]).toEqual([0, 0]);
  expect(await count('users')).toBe(1);
});

it('A154 an ended session stays for as long as a grant could hang on it', async () => {
  const authorized = await authorize(server, spa.client);
  const { body } = await redeem(server, spa, authorized);
  const row = await server.gatehouse.db.get<{ sid: string }>('SELECT sid FROM sessions');
  await endSession(server.gatehouse, row?.sid ?? '', undefined);
  server.clock.advance(20 * DAY_MS);
  await clean();
  expect((await refresh(server, spa, body.refresh_token)).body.error).toBe('invalid_grant');
  server.clock.advance(1500 * DAY_MS);
  await clean();
  expect([await count('sessions'), await count('grants')]).toEqual([0, 0]);
});

it('a message that was given up is kept for thirty days, and one that still waits is kept', async () => {
  const { db, clock } = server.gatehouse;
  const row = { kind: 'back_channel_logout' as const, destination: 'x', person: 'x', payload: '{}' };
  const next_at = clock.nowMs() + 100 * DAY_MS;
  await db.write(async (tx) => {
    for (const outbox_key of ['dead', 'waiting']) await insertOutbox(tx, [{ ...row, outbox_key, next_at }]);
    await giveUpOutbox(tx, 'dead', clock.nowMs(), 'it answered 503');
  });
  server.clock.advance(29 * DAY_MS);
  await clean();
  expect(await listOutbox(db)).toHaveLength(2);
  server.clock.advance(2 * DAY_MS);
  await clean();
  expect((await listOutbox(db)).map(({ outbox_key }) => outbox_key)).toEqual(['waiting']);
});

it('a clock that was ahead for a while does not stop it', async () => {
  const { db, clock } = server.gatehouse;
  const cleanUp = createCleanUp(server.gatehouse);
  server.clock.advance(10 * DAY_MS);
  await cleanUp.run();
  server.clock.advance(-10 * DAY_MS);
  const row = { kind: 'back_channel_logout' as const, destination: 'x', person: 'x', payload: '{}' };
  await db.write(async (tx) => {
    await insertOutbox(tx, [{ ...row, outbox_key: 'old', next_at: clock.nowMs() }]);
    await giveUpOutbox(tx, 'old', clock.nowMs() - 31 * DAY_MS, 'it answered 503');
  });
  await cleanUp.run();
  expect((await listOutbox(db)).map(({ outbox_key }) => outbox_key)).not.toContain('old');
});
