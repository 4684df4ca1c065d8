/** A key that is published no more goes when it was seen gone often enough, whatever a clock says. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  createFormerKeys,
  KEY_MAINTENANCE_MS,
  turnsToWait,
} from '../../../src/oauth/keys/erase-former-keys.ts';
import { findKey, insertKey } from '../../../src/storage/tables/keys.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { keyRow } from './key-row.ts';

const DAY_MS = 86_400_000;

let server: TestServer;
beforeEach(async () => {
  server = await startServer();
  server.clock.hold();
});
afterEach(() => server.stop());

const goneFor = (milliseconds: number) => {
  const removed_at = server.clock.nowMs() - milliseconds;
  const row = keyRow('gone', { activates_at: 1, retires_at: removed_at - 1, removed_at });
  return server.gatehouse.db.write((tx) => insertKey(tx, row));
};
const sealed = async () => (await findKey(server.gatehouse.db, 'gone'))?.private_sealed;
async function see(turns: number, former = createFormerKeys(server.gatehouse)) {
  for (let turn = 0; turn < turns; turn += 1) await former.run();
  return former;
}

it('its private part is erased a day after it was published last, once it was seen gone often enough', async () => {
  await goneFor(DAY_MS);
  const turns = turnsToWait(server.gatehouse);
  expect(turns * KEY_MAINTENANCE_MS).toBeGreaterThanOrEqual(
    2 * server.gatehouse.settings.jwks_max_age_seconds * 1000,
  );
  const former = await see(turns);
  expect(await sealed()).toBe('sealed');
  await see(1, former);
  expect(await sealed()).toBe('');
});

it('before that day is over it stays as it is, however often it was seen', async () => {
  await goneFor(DAY_MS - 1);
  const former = await see(turnsToWait(server.gatehouse) + 5);
  expect(await sealed()).toBe('sealed');
  server.clock.advance(1);
  await see(1, former);
  expect(await sealed()).toBe('');
});

it('its row goes when no session can be as old as what it signed', async () => {
  const lastsMs = server.gatehouse.settings.session_absolute_seconds * 1000;
  await goneFor(lastsMs - 1);
  const former = await see(turnsToWait(server.gatehouse) + 1);
  expect(await sealed()).toBe('');
  server.clock.advance(1);
  await see(1, former);
  expect(await sealed()).toBeUndefined();
});

it('one that was published again in between is counted from the beginning, and a published one never goes', async () => {
  await goneFor(DAY_MS);
  const turns = turnsToWait(server.gatehouse);
  const former = await see(turns);
  const schedule = (removed_at: number | null) =>
    server.gatehouse.db.write((tx) =>
      tx.run('UPDATE keys SET removed_at = $1 WHERE kid = $2', removed_at, 'gone'),
    );
  await schedule(null);
  await see(1, former);
  await schedule(server.clock.nowMs() - DAY_MS);
  await see(turns, former);
  expect(await sealed()).toBe('sealed');
  await see(1, former);
  expect(await sealed()).toBe('');
  const published = (await server.gatehouse.keys.published()).length;
  expect(published).toBeGreaterThan(0);
});
