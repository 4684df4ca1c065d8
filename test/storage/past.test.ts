/** Work that must not grow with all there is. What it costs is counted at the processor, whatever else the machine does. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { setUserDisabled } from '../../src/identity/users/users.ts';
import { finishDeletions } from '../../src/oauth/clients/delete-client-in-pieces.ts';
import { forgetUnusedClients } from '../../src/oauth/clients/remove-unused-clients.ts';
import { findClient, insertClient } from '../../src/storage/tables/clients.ts';
import { insertOutbox, listDueOutbox, listDueOutboxOf } from '../../src/storage/tables/outbox.ts';
import { listClientsOfUser } from '../../src/storage/tables/session-clients.ts';
import { storePast } from '../support/past.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

it('what waits for one app costs those who look for the next nothing', async () => {
  const { db, clock } = server.gatehouse;
  const next_at = clock.nowMs();
  const row = { kind: 'back_channel_logout', person: 'x', payload: '{}', next_at } as const;
  await db.write(async (tx) => {
    for (let index = 0; index < 30_000; index += 1)
      await insertOutbox(tx, [{ ...row, outbox_key: `k${100_000 + index}`, destination: 'down' }]);
    await insertOutbox(tx, [{ ...row, outbox_key: 'l', destination: 'well' }]);
  });
  const look = () => listDueOutbox(db, next_at, { each: 100, limit: 1000 });
  const due = await look();
  expect(due.slice(0, 3).map(({ outbox_key }) => outbox_key)).toEqual(['k100000', 'l', 'k100001']);
  expect(due).toHaveLength(101);
  const seconds = await secondsOf(async () => {
    for (let count = 0; count < 50; count += 1) await look();
  });
  // 50 times over 30,000 rows took 3 s.
  expect(seconds).toBeLessThan(1);
}, 60_000);

it('deleting a client or disabling a user does not read every grant', async () => {
  const { db, clock } = server.gatehouse;
  const { sub } = await server.user();
  const nowMs = clock.nowMs();
  const metadata = JSON.stringify({ client_name: 'x', redirect_uris: [] });
  const times = { created_at: nowMs - 10, updated_at: nowMs, disabled_at: null };
  await db.write(async (tx) => {
    const row = { profile: 'oauth2.1', metadata, ...times };
    await insertClient(tx, { ...row, client_id: 'used', registration_token: null, used_at: nowMs });
    for (let index = 0; index < 100; index += 1)
      await insertClient(tx, { ...row, client_id: `c${index}`, registration_token: 'x', used_at: null });
  });
  await storePast(server.gatehouse, { sub, clientIds: ['used'], sessions: 1, grants: 20_000 });
  const seconds = await secondsOf(async () => {
    await forgetUnusedClients(server.gatehouse, { registeredBefore: nowMs, usedBefore: 0 });
    await finishDeletions(db);
  });
  expect(await findClient(db, 'c1')).toBeUndefined();
  // 100 times over 20,000 grants took more than 10 s.
  expect(seconds).toBeLessThan(2);
  const disabling = await secondsOf(async () => {
    for (let count = 0; count < 300; count += 1) await setUserDisabled(server.gatehouse, sub, true);
  });
  // To count what ends 300 times took 2 s.
  expect(disabling).toBeLessThan(1);
}, 120_000);

it('the clients of a user’s sessions are found without reading each session', async () => {
  const { clock } = server;
  const { db } = server.gatehouse;
  const { sub } = await server.user('bob');
  const clientIds = ['one', 'other'];
  await Promise.all(
    clientIds.map((client_id) =>
      server.client({ client_id, redirect_uris: [], grant_types: ['client_credentials'] }),
    ),
  );
  await storePast(server.gatehouse, { sub, clientIds, sessions: 10_000, grants: 5000 });
  const look = () => listClientsOfUser(db, { sub, limit: 100 });
  expect(await look()).toEqual(clientIds);
  const seconds = await secondsOf(async () => {
    for (let count = 0; count < 100; count += 1) await look();
  });
  // 100 times over 10,000 sessions took 0.6 s, on SQLite.
  expect(seconds).toBeLessThan(0.2);
  // All of them expired.
  clock.advance(13 * 3_600_000);
  const afterwards = await secondsOf(async () => {
    for (let count = 0; count < 500; count += 1) await look();
  });
  // To look 500 times for one that lives took 1.6 s.
  expect(afterwards).toBeLessThan(0.5);
}, 120_000);

it('what is due of one person is found without a look at all that waits for them', async () => {
  const { db, clock } = server.gatehouse;
  const nowMs = clock.nowMs();
  await db.write((tx) =>
    tx.run(
      `WITH RECURSIVE one (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM one WHERE n < 100000)
       INSERT INTO outbox (outbox_key, kind, destination, person, payload, next_at, attempts)
       SELECT 'carl' || n, 'back_channel_logout', 'app', 'carl', '{}', $1, 0 FROM one`,
      nowMs,
    ),
  );
  const seconds = await secondsOf(async () => {
    for (let count = 0; count < 100; count += 1)
      expect(await listDueOutboxOf(db, 'carl', nowMs, 100)).toHaveLength(100);
  });
  // 100 times all of them were sorted: 1.2 s.
  expect(seconds).toBeLessThan(0.5);
  await db.write((tx) => tx.run(`DELETE FROM outbox WHERE person = 'carl'`));
}, 60_000);
