/** What tables hold of the metadata of clients is written with it, and filled in where a node of before did not. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { updateClient } from '../../../src/oauth/clients/create-and-update-clients.ts';
import { fillDerived } from '../../../src/oauth/clients/tables-derived-from-metadata.ts';
import { isAlgorithmOfClient } from '../../../src/storage/tables/client-algorithms.ts';
import { isClientOrigin } from '../../../src/storage/tables/client-origins.ts';
import { findResource } from '../../../src/storage/tables/resources.ts';
import { grantTypes, startServer, type TestServer } from '../../support/server.ts';

const API = 'https://api.example.com';
const metadata = {
  redirect_uris: ['https://app.example.com/cb'],
  resources: [API],
  id_token_signed_response_alg: 'EdDSA',
};

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  await server.client({ client_id: 'app', ...metadata });
});
afterAll(() => server.stop());

const held = async () => {
  const { db } = server.gatehouse;
  return {
    origin: await isClientOrigin(db, 'https://app.example.com'),
    alg: await isAlgorithmOfClient(db, 'EdDSA'),
    resource: (await findResource(db, API))?.client_id,
  };
};
const all = { origin: true, alg: true, resource: 'app' };
const none = { origin: false, alg: false, resource: undefined };
const update = (changes: Record<string, unknown>) =>
  updateClient(server.gatehouse, grantTypes, 'app', changes);

it('a client that is made or changed is in them as it is now', async () => {
  expect(await held()).toEqual(all);
  const other = {
    redirect_uris: ['https://other.example.com/cb'],
    resources: [],
    id_token_signed_response_alg: 'RS256',
  };
  await update(other);
  expect(await held()).toEqual(none);
  await update(metadata);
  expect(await held()).toEqual(all);
});

it('what is missing is filled in, once, and what is there stays', async () => {
  const { db } = server.gatehouse;
  expect(await fillDerived(db)).toBe(0);
  const [origins, algorithms] = [
    await db.all<object>('SELECT * FROM client_origins'),
    await db.all<object>('SELECT * FROM client_algorithms'),
  ];
  await update({ client_name: 'As a node of before changes it' });
  await db.write(async (tx) => {
    await tx.run('DELETE FROM client_origins');
    await tx.run('DELETE FROM client_algorithms');
    await tx.run('UPDATE clients SET algorithms_at = NULL, origins_at = NULL');
  });
  expect(await fillDerived(db)).toBeGreaterThan(0);
  expect(await db.all<object>('SELECT * FROM client_origins')).toEqual(origins);
  expect(await db.all<object>('SELECT * FROM client_algorithms')).toEqual(algorithms);
  expect(await fillDerived(db)).toBe(0);
});
