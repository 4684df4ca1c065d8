import { afterAll, beforeAll, expect, it } from 'vitest';
import { findUnreadableKeys } from '../../../src/oauth/keys/unreadable-keys.ts';
import { erasePrivatePart, listKeyRows } from '../../../src/storage/tables/keys.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const OTHER = Buffer.alloc(32, 1);

let server: TestServer;
let masterKey: Buffer;
beforeAll(async () => {
  server = await startServer();
  masterKey = server.gatehouse.settings.masterKey;
});
afterAll(() => server.stop());

it('with the master key that they were sealed with there are none, with another all, each by its name', async () => {
  const { db } = server.gatehouse;
  expect(await findUnreadableKeys(db, masterKey)).toEqual([]);
  const unreadable = await findUnreadableKeys(db, OTHER);
  const rows = await listKeyRows(db);
  expect(unreadable.map(({ row }) => row.kid)).toEqual(rows.map(({ kid }) => kid));
  for (const { row, sentence } of unreadable) expect(sentence).toContain(row.kid);
});

it('a key whose private part was erased needs no master key', async () => {
  const { db } = server.gatehouse;
  const rows = await listKeyRows(db);
  await db.write(async (tx) => {
    for (const { kid } of rows) await erasePrivatePart(tx, kid);
  });
  expect(await findUnreadableKeys(db, OTHER)).toEqual([]);
});
