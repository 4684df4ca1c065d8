import { afterAll, beforeAll, expect, it } from 'vitest';
import { notFound, record, registered } from '../../../src/oauth/clients/registry-result-and-audit.ts';
import { auditEvents, CALLBACK } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  await server.client({ client_id: 'app', redirect_uris: [CALLBACK] });
});
afterAll(() => server.stop());

it('a client is told as it stands in the transaction, with its secret where one was made', async () => {
  const { db } = server.gatehouse;
  const told = await db.write(async (tx) => {
    await tx.run('UPDATE clients SET disabled_at = 1 WHERE client_id = $1', 'app');
    return registered(tx, 'app', 'secret');
  });
  expect(told).toMatchObject({ client: { client_id: 'app', disabled: true }, client_secret: 'secret' });
  expect(await db.write((tx) => registered(tx, 'app', undefined))).toMatchObject({
    client_secret: undefined,
  });
});

it('one that is not there is an accident, and nothing of the transaction is stored', async () => {
  const { db } = server.gatehouse;
  const vanished = db.write(async (tx) => {
    await tx.run('DELETE FROM clients WHERE client_id = $1', 'app');
    return registered(tx, 'app', undefined);
  });
  await expect(vanished).rejects.toThrow('the client app vanished');
  expect(await db.get('SELECT 1 AS there FROM clients WHERE client_id = $1', 'app')).toBeDefined();
});

it('what was done to it is an event of the transaction that did it', async () => {
  const { gatehouse } = server;
  await gatehouse.db.write(async (tx) => record(gatehouse, tx, 'client.secret_rotated', 'app'));
  const failed = gatehouse.db.write(async (tx) => {
    record(gatehouse, tx, 'client.deleted', 'app');
    throw new Error('an accident');
  });
  await expect(failed).rejects.toThrow('an accident');
  const types = (await auditEvents(server)).map(({ type }) => type);
  expect(types).toContain('client.secret_rotated');
  expect(types).not.toContain('client.deleted');
});

it('where there is none it is not_found, by its name', () => {
  expect(notFound('x')).toMatchObject({ refused: true, error: 'not_found', reason: 'unknown_client' });
  expect(notFound('x').description).toContain('x');
});
