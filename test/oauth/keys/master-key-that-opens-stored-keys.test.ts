import { afterAll, beforeAll, expect, it } from 'vitest';
import { chooseMasterKey } from '../../../src/oauth/keys/master-key-that-opens-stored-keys.ts';
import { erasePrivatePart, listKeyRows } from '../../../src/storage/tables/keys.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const [OTHER, THIRD] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];

let server: TestServer;
let masterKey: Buffer;
beforeAll(async () => {
  server = await startServer();
  masterKey = server.gatehouse.settings.masterKey;
});
afterAll(() => server.stop());

it('the master key is the first that opens all; the given one where none does', async () => {
  const { db } = server.gatehouse;
  const chosen = (given: Buffer, ...otherMasterKeys: Buffer[]) =>
    chooseMasterKey(db, { masterKey: given, otherMasterKeys });
  expect(await chosen(masterKey, OTHER)).toBe(masterKey);
  expect(await chosen(OTHER, THIRD, masterKey)).toBe(masterKey);
  expect(await chosen(OTHER, THIRD)).toBe(OTHER);
  expect(await chosen(OTHER)).toBe(OTHER);
});

it('where every private part was erased it is the given one', async () => {
  const { db } = server.gatehouse;
  const rows = await listKeyRows(db);
  await db.write(async (tx) => {
    for (const { kid } of rows) await erasePrivatePart(tx, kid);
  });
  expect(await chooseMasterKey(db, { masterKey: OTHER, otherMasterKeys: [masterKey] })).toBe(OTHER);
});
