/** A client that is not what it was when its request was read gets nothing by it. Decision 0029 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Client } from '../../../src/oauth/clients/client.ts';
import { updateClient } from '../../../src/oauth/clients/create-and-update-clients.ts';
import { deleteClient } from '../../../src/oauth/clients/delete-client-in-pieces.ts';
import { setClientDisabled } from '../../../src/oauth/clients/disable-and-enable-client.ts';
import { ClientChanged, refuseChanged } from '../../../src/oauth/clients/refuse-changed-client.ts';
import { CALLBACK } from '../../support/flow.ts';
import { grantTypes, startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

async function newClient(): Promise<Client> {
  const { client } = await server.client({ redirect_uris: [CALLBACK] });
  return { ...client, asOf: 1 };
}

/** What is thrown: the client as it is now; undefined where it is as it was. */
const refused = (client: Client, revision = 2): Promise<Client | undefined> =>
  refuseChanged(server.gatehouse.db, client, revision).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof ClientChanged) return error.client;
      throw error;
    },
  );

it('passes where it is as it was, though something else changed', async () => {
  expect(await refused(await newClient())).toBeUndefined();
});

it('is not asked again in the revision in which it was read', async () => {
  const client = await newClient();
  await setClientDisabled(server.gatehouse, client.client_id, true);
  expect(await refused(client, 1)).toBeUndefined();
});

it('is refused where it was changed, disabled or deleted, and says what it is by now', async () => {
  const changed = await newClient();
  await updateClient(server.gatehouse, grantTypes, changed.client_id, { scope: 'openid' });
  expect(await refused(changed)).toMatchObject({ metadata: { scope: 'openid' }, asOf: 2 });
  const disabled = await newClient();
  await setClientDisabled(server.gatehouse, disabled.client_id, true);
  expect(await refused(disabled)).toMatchObject({ disabled: true });
  const deleted = await newClient();
  await deleteClient(server.gatehouse, deleted.client_id);
  expect(await refused(deleted)).toMatchObject({ client_id: deleted.client_id, disabled: true });
});

it('whoever was read without a revision is asked for always', async () => {
  const { asOf, ...client } = await newClient();
  expect(await refused(client)).toBeUndefined();
  await updateClient(server.gatehouse, grantTypes, client.client_id, { scope: 'openid' });
  expect(await refused(client)).toMatchObject({ asOf: 2 });
});
