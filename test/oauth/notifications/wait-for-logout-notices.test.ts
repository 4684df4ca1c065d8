/** How long a user who signs out waits until the apps are notified. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newLabel } from '../../../src/lib/time-ordered-ids-and-secrets.ts';
import type { Delivery } from '../../../src/notify/channel.ts';
import { createOutbox, type Outbox } from '../../../src/notify/deliver-outbox.ts';
import { waitForLogoutNotices } from '../../../src/oauth/notifications/wait-for-logout-notices.ts';
import { insertOutbox, listOutbox } from '../../../src/storage/tables/outbox.ts';
import { startServer, type TestServer } from '../../support/server.ts';

/** For one attempt: longer than any wait that would be short on a busy machine. */
const LONG_MS = 60_000;

let server: TestServer;
let outbox: Outbox;
/** The apps that were told, in order. */
const told: string[] = [];
let letGo = () => {};

/** In the place of the apps: one never answers until it is let go. */
async function deliver(payload: unknown): Promise<Delivery> {
  const { app } = payload as { app: string };
  if (app === 'hangs')
    await new Promise<void>((resolve) => {
      letGo = resolve;
    });
  told.push(app);
  return { outcome: 'delivered' };
}

beforeAll(async () => {
  server = await startServer();
  // That of the server would deliver the same rows.
  await server.gatehouse.outbox.close();
  const channels = { back_channel_logout: { deliver }, sessions_ended: { deliver }, mail: { deliver } };
  outbox = createOutbox({ ...server.gatehouse, channels }, { polls: false, limitMs: LONG_MS });
});
afterAll(async () => {
  letGo();
  await outbox.close();
  await server.stop();
});

async function put(person: string, app: string): Promise<void> {
  const { db, clock, random } = server.gatehouse;
  const row = { kind: 'back_channel_logout', destination: app, person } as const;
  const outbox_key = newLabel(clock, random);
  const payload = JSON.stringify({ app });
  await db.write((tx) => insertOutbox(tx, [{ ...row, outbox_key, payload, next_at: 0 }]));
}

const waiting = async () => (await listOutbox(server.gatehouse.db)).map(({ destination }) => destination);

it('waits until every app of this user is notified, not for those of other users', async () => {
  for (const app of ['a', 'b']) await put('alice', app);
  await put('bob', 'c');
  await waitForLogoutNotices({ outbox }, 'alice');
  expect(told.toSorted()).toEqual(['a', 'b']);
  expect(await waiting()).toEqual(['c']);
  await waitForLogoutNotices({ outbox }, 'nobody');
  expect(await waiting()).toEqual(['c']);
});

it('waits a moment at most for an app that does not answer; that app and the others are notified all the same', async () => {
  await put('alice', 'hangs');
  await put('alice', 'd');
  const startedAt = performance.now();
  await waitForLogoutNotices({ outbox }, 'alice');
  const waitedMs = performance.now() - startedAt;
  expect(told).toContain('d');
  expect(told).not.toContain('hangs');
  expect(waitedMs).toBeGreaterThan(200);
  expect(waitedMs).toBeLessThan(5000);
  letGo();
  await outbox.deliverDue();
  expect(told).toContain('hangs');
  expect(await waiting()).toEqual([]);
});
