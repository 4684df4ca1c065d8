/** A client as it stands in the database, past every cache. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sha256 } from '../../../src/lib/sha256-and-hmac.ts';
import { updateClient } from '../../../src/oauth/clients/create-and-update-clients.ts';
import { deleteClient } from '../../../src/oauth/clients/delete-client-in-pieces.ts';
import { setClientDisabled } from '../../../src/oauth/clients/disable-and-enable-client.ts';
import { readClient, readClients } from '../../../src/oauth/clients/read-clients.ts';
import { markClientUsed } from '../../../src/storage/tables/clients.ts';
import { CALLBACK } from '../../support/flow.ts';
import { grantTypes, startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  await server.client({ client_id: 'web', redirect_uris: [CALLBACK] });
  await server.client({ client_id: 'spa', redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none' });
});
afterAll(() => server.stop());

const read = (client_id: string) => readClient(server.gatehouse.db, client_id);

it('RFC 6749 §2.1 is confidential unless it proves itself by nothing', async () => {
  expect(await read('web')).toMatchObject({ confidential: true, disabled: false, epoch: expect.any(Number) });
  const secretsOf = async (client_id: string) => (await read(client_id))?.secrets.live(server.clock.nowMs());
  expect(await secretsOf('web')).toHaveLength(1);
  expect(await read('spa')).toMatchObject({ confidential: false });
  expect(await secretsOf('spa')).toEqual([]);
  expect(await read('Web')).toBeUndefined();
});

it('is read as it is now: disabled, changed, and gone from the moment on that its deletion began', async () => {
  const before = await read('web');
  await setClientDisabled(server.gatehouse, 'web', true);
  const disabled = await read('web');
  expect(disabled?.disabled).toBe(true);
  expect(disabled?.epoch).not.toBe(before?.epoch);
  await setClientDisabled(server.gatehouse, 'web', false);
  await updateClient(server.gatehouse, grantTypes, 'web', { client_name: 'Other' });
  expect((await read('web'))?.metadataHash).not.toBe(before?.metadataHash);
  await server.client({ client_id: 'leaving', redirect_uris: [CALLBACK] });
  await deleteClient(server.gatehouse, 'leaving');
  expect(await read('leaving')).toBeUndefined();
});

it('several are read at once, without what they authenticate with', async () => {
  const clients = await readClients(server.gatehouse.db, ['web', 'unknown', 'spa']);
  expect(clients.map(({ client_id }) => client_id).toSorted()).toEqual(['spa', 'web']);
  expect(clients.map((client) => 'secrets' in client)).toEqual([false, false]);
  expect(await readClients(server.gatehouse.db, [])).toEqual([]);
});

it('its hash is over its profile and all of its metadata', async () => {
  await server.client({ client_id: 'hashed', redirect_uris: [CALLBACK] });
  const before = await read('hashed');
  expect(before?.metadataHash).toBe(sha256(`oidc ${before?.metadataText}`));
  expect(JSON.parse(before?.metadataText ?? '')).toEqual(before?.metadata);
  await server.gatehouse.db.write((tx) =>
    tx.run(`UPDATE clients SET profile = 'fapi' WHERE client_id = 'hashed'`),
  );
  expect((await read('hashed'))?.metadataHash).not.toBe(before?.metadataHash);
});

it('it was last used when that was recorded; what a restore notes is no use', async () => {
  await server.client({ client_id: 'used', redirect_uris: [CALLBACK] });
  const { db } = server.gatehouse;
  await db.write((tx) => tx.run(`UPDATE clients SET last_used_at = 5 WHERE client_id = 'used'`));
  expect((await read('used'))?.lastUsedMs).toBeUndefined();
  await db.write((tx) => markClientUsed(tx, 'used', 7, 6));
  expect((await read('used'))?.lastUsedMs).toBe(7);
});
