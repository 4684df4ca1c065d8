/** Keys begin and end in the transaction that decides it, and the audit has it. OpenID Connect Core §10.1.1 */
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  addKey,
  latestKnownMs,
  longestTokenMs,
  meetNeed,
  retirePredecessors,
} from '../../../src/oauth/keys/add-and-retire.ts';
import { publishedAheadMs } from '../../../src/oauth/keys/needed-key-change.ts';
import { findKey, insertKey, listKeyRows } from '../../../src/storage/tables/keys.ts';
import { auditEvents } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { keyRow } from './key-row.ts';

const DAY_MS = 86_400_000;

let server: TestServer;
beforeEach(async () => {
  server = await startServer();
  server.clock.hold();
});
afterEach(() => server.stop());

const current = async () => {
  const row = (await listKeyRows(server.gatehouse.db)).find(({ alg }) => alg === 'ES256');
  if (!row) throw new Error('no key');
  return row;
};
const fresh = (kid: string) => {
  const { activates_at, retires_at, removed_at, ...key } = keyRow(kid);
  return key;
};
const timesOf = (kid: string) => findKey(server.gatehouse.db, kid);

it('a new key ends the one before it when it begins, and that one stays until its last token has expired', async () => {
  const { gatehouse, clock } = server;
  const before = await current();
  const beginsMs = clock.nowMs() + 1000;
  await gatehouse.db.write((tx) => addKey(gatehouse, tx, fresh('new'), beginsMs));
  expect(await timesOf('new')).toMatchObject({ activates_at: beginsMs, retires_at: null, removed_at: null });
  const { access_token_seconds, id_token_seconds } = gatehouse.settings;
  const lastsMs = Math.max(access_token_seconds, id_token_seconds) * 1000 + 60_000;
  expect(longestTokenMs(gatehouse.settings)).toBe(lastsMs);
  expect(await timesOf(before.kid)).toMatchObject({ retires_at: beginsMs, removed_at: beginsMs + lastsMs });
  expect(await auditEvents(server)).toContainEqual(
    expect.objectContaining({ type: 'key.created', details: { kid: 'new', alg: 'ES256' } }),
  );
});

it('a key that has an end, or cannot sign, succeeds nobody', async () => {
  const { gatehouse, clock } = server;
  const before = await current();
  const nowMs = clock.nowMs();
  await gatehouse.db.write(async (tx) => {
    await insertKey(tx, keyRow('ends', { activates_at: nowMs + 1, retires_at: nowMs + 2 }));
    await insertKey(tx, keyRow('erased', { activates_at: nowMs + 1, private_sealed: '' }));
    await retirePredecessors(gatehouse, tx, 'ES256');
  });
  expect((await timesOf(before.kid))?.retires_at).toBeNull();
});

it('nothing is stored where the transaction fails', async () => {
  const { gatehouse, clock } = server;
  const before = await current();
  const failing = gatehouse.db.write(async (tx) => {
    await addKey(gatehouse, tx, fresh('new'), clock.nowMs());
    throw new Error('an accident');
  });
  await expect(failing).rejects.toThrow('an accident');
  expect([await timesOf('new'), (await timesOf(before.kid))?.retires_at]).toEqual([undefined, null]);
});

it('where nothing uses it any more it goes on for a while, in which it can be resumed', async () => {
  const { gatehouse, clock } = server;
  const { kid } = await current();
  const meet = (need: Parameters<typeof meetNeed>[3]['need']) =>
    gatehouse.db.write((tx) => meetNeed(gatehouse, tx, 'ES256', { need, made: undefined }));
  await meet({ kind: 'retire' });
  const retired = await timesOf(kid);
  expect(retired?.retires_at).toBeGreaterThanOrEqual(clock.nowMs() + publishedAheadMs(gatehouse));
  if (!retired) throw new Error('no key');
  await meet({ kind: 'resume', key: retired });
  expect(await timesOf(kid)).toMatchObject({ retires_at: null, removed_at: null });
  const types = (await auditEvents(server)).map(({ type }) => type);
  expect(types).toEqual(expect.arrayContaining(['key.retired', 'key.resumed']));
});

it('a need to make one stores only what was made before', async () => {
  const { gatehouse, clock } = server;
  const before = await listKeyRows(gatehouse.db);
  const need = { kind: 'make', activates_at: clock.nowMs() } as const;
  await gatehouse.db.write((tx) => meetNeed(gatehouse, tx, 'ES256', { need, made: undefined }));
  expect(await listKeyRows(gatehouse.db)).toEqual(before);
});

it('by a clock that is behind, the time is that of the newest event; one that is years ahead is nobody’s', async () => {
  const { gatehouse, clock } = server;
  await gatehouse.audit.flush();
  const knownAt = (nowMs: number) =>
    gatehouse.db.write((tx) => latestKnownMs({ ...gatehouse, clock: { nowMs: () => nowMs } }, tx));
  const nowMs = clock.nowMs();
  expect(await knownAt(nowMs + DAY_MS)).toBe(nowMs + DAY_MS);
  const known = await knownAt(nowMs - DAY_MS);
  expect(known).toBeGreaterThan(nowMs - DAY_MS);
  const years = nowMs - (gatehouse.settings.key_rotation_days + 1) * DAY_MS;
  expect(await knownAt(years)).toBe(years);
});
