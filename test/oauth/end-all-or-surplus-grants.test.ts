/** All grants that one person gave one client end together. How many there may be: caps.test.ts */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { revokeGrantsOf } from '../../src/oauth/end-all-or-surplus-grants.ts';
import { CALLBACK } from '../support/flow.ts';
import { storePast } from '../support/past.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { newPerson } from './authorization/signed-in.ts';

/** One more than are ended at a time. */
const GRANTS = 501;
const clientIds = ['one', 'two'];

let server: TestServer;
let alice: string;
let bob: string;
beforeAll(async () => {
  server = await startServer();
  alice = await newPerson(server, 'alice');
  bob = await newPerson(server, 'bob');
  for (const client_id of clientIds) await server.client({ client_id, redirect_uris: [CALLBACK] });
  await storePast(server.gatehouse, { sub: alice, clientIds: ['one'], sessions: 2, grants: GRANTS });
  await storePast(server.gatehouse, { sub: alice, clientIds: ['two'], sessions: 1, grants: 2 });
  await storePast(server.gatehouse, { sub: bob, clientIds: ['one'], sessions: 1, grants: 3 });
});
afterAll(() => server.stop());

async function countLive(sub: string, client_id: string): Promise<number> {
  const row = await server.gatehouse.db.get<{ n: number }>(
    'SELECT COUNT(*) AS n FROM grants WHERE sub = $1 AND client_id = $2 AND revoked_at IS NULL',
    sub,
    client_id,
  );
  return Number(row?.n);
}
const revoke = (sub: string, client_id: string) =>
  server.gatehouse.db.write((tx) => revokeGrantsOf(server.gatehouse, tx, { sub, client_id }));

it('those of this person and this client end, in steps, and no others', async () => {
  expect(await revoke(alice, 'one')).toBe(GRANTS);
  expect(await countLive(alice, 'one')).toBe(0);
  expect(await countLive(alice, 'two')).toBe(2);
  expect(await countLive(bob, 'one')).toBe(3);
});

it('those that have ended are not counted again, and where there is none there is nothing', async () => {
  expect(await revoke(alice, 'one')).toBe(0);
  expect(await revoke(bob, 'two')).toBe(0);
  expect(await revoke('unknown', 'one')).toBe(0);
});

it('are live again where the transaction fails', async () => {
  const failing = server.gatehouse.db.write(async (tx) => {
    await revokeGrantsOf(server.gatehouse, tx, { sub: bob, client_id: 'one' });
    throw new Error('an accident');
  });
  await expect(failing).rejects.toThrow('an accident');
  expect(await countLive(bob, 'one')).toBe(3);
});
