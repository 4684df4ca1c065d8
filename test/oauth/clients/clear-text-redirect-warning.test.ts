/** Z5 insecure_redirect_uris is the operator's word for a client of the operator's, and never a client's own. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listClearTextClients } from '../../../src/oauth/clients/clear-text-redirect-warning.ts';
import { updateClient } from '../../../src/oauth/clients/create-and-update-clients.ts';
import { setClientDisabled } from '../../../src/oauth/clients/disable-and-enable-client.ts';
import { grantTypes, startServer, type TestServer } from '../../support/server.ts';

const INSECURE = { redirect_uris: ['http://nas:5000/cb'], insecure_redirect_uris: true };

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ environment: { GATEHOUSE_REGISTRATION: 'open' } });
});
afterAll(() => server.stop());

async function register(metadata: object) {
  const response = await fetch(`${server.issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_name: 'Somebody', ...metadata }),
  });
  return { status: response.status, body: await response.json() };
}

it('an app that registers itself is refused the address, and cannot set insecure_redirect_uris', async () => {
  const refused = await register(INSECURE);
  expect([refused.status, refused.body.error]).toEqual([400, 'invalid_redirect_uri']);
  const { body } = await register({
    redirect_uris: ['https://app.example.com/cb'],
    insecure_redirect_uris: true,
  });
  expect(body).not.toHaveProperty('insecure_redirect_uris');
});

it('the operator cannot give it to an app that registered itself, and the app cannot take it', async () => {
  const { body } = await register({ redirect_uris: ['https://app.example.com/cb'] });
  const outcome = await updateClient(server.gatehouse, grantTypes, body.client_id, INSECURE);
  expect(outcome).toMatchObject({ refused: true, reason: 'refused_insecure_redirects' });
  const changed = await fetch(body.registration_client_uri, {
    method: 'PUT',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${body.registration_access_token}`,
    },
    body: JSON.stringify({ client_id: body.client_id, client_name: 'Somebody', ...INSECURE }),
  });
  expect([changed.status, (await changed.json()).error]).toEqual([400, 'invalid_redirect_uri']);
});

it('removing the setting removes the addresses with it', async () => {
  const { client } = await server.client(INSECURE);
  const update = (changes: object) =>
    updateClient(server.gatehouse, grantTypes, client.client_id, { ...changes });
  expect(await update({ insecure_redirect_uris: null })).toMatchObject({ reason: 'refused_redirect_uri' });
  expect(await update({ insecure_redirect_uris: null, redirect_uris: ['https://nas.lan/cb'] })).toMatchObject(
    {
      client: { metadata: { redirect_uris: ['https://nas.lan/cb'] } },
    },
  );
});

it('the warning names the enabled clients that have it, whatever their client_id', async () => {
  const { client } = await server.client(INSECURE);
  const off = await server.client({ ...INSECURE, client_name: 'Another' });
  await setClientDisabled(server.gatehouse, off.client.client_id, true);
  await server.client({
    redirect_uris: ['https://app.example.com/cb'],
    client_name: '"insecure_redirect_uris":true',
  });
  expect(await listClearTextClients(server.gatehouse.db)).toEqual([client.client_id]);
});
