/** gatehouse client create, typed twice or run twice by a script. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';
import { runVerb } from '../support/verb.ts';

const redirect_uris = ['https://app.example.com/cb'];

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const create = (input: object) => runVerb(server, 'client', 'create', input);

it('a name that the operator chose is unique; --if-absent answers with the existing client, without its secret', async () => {
  const first = await create({ client_name: 'My "100%" app', redirect_uris });
  expect(first.client_secret).toBeDefined();
  const again = await create({ client_name: 'My "100%" app', redirect_uris });
  expect(again).toMatchObject({ error: 'conflict', reason: 'client_name_taken' });
  expect(again.description).toContain(first.client_id);
  const standing = await create({ client_name: 'My "100%" app', redirect_uris, if_absent: true });
  expect(standing.client_id).toBe(first.client_id);
  expect(standing).not.toHaveProperty('client_secret');
  // Names are stored without the white space around them.
  const spaced = await create({ client_name: ' My "100%" app ', redirect_uris, if_absent: true });
  expect(spaced).toMatchObject({ client_id: first.client_id });
  for (const client_name of ['my "100%" app', 'My "100_" app', 'My "100%" app 2'])
    expect((await create({ client_name, redirect_uris })).client_id, client_name).toBeDefined();
});

it('of twenty at once one makes it', async () => {
  const made = await Promise.all(
    Array.from({ length: 20 }, () => create({ client_name: 'At once', redirect_uris })),
  );
  expect(made.filter(({ client_id }) => client_id !== undefined)).toHaveLength(1);
  const wanted = { client_name: 'At once, wherever', redirect_uris, if_absent: true };
  const all = await Promise.all(Array.from({ length: 20 }, () => create(wanted)));
  expect(new Set(all.map(({ client_id }) => client_id)).size).toBe(1);
  expect(all.filter(({ client_secret }) => client_secret !== undefined)).toHaveLength(1);
});

it('--if-absent knows a client_id and a template too, and makes what is not there', async () => {
  const chosen = { client_name: 'Chosen', redirect_uris, metadata: { client_id: 'chosen' }, if_absent: true };
  const first = await create(chosen);
  expect([first.client_id, first.client_secret === undefined]).toEqual(['chosen', false]);
  expect(await create({ ...chosen, client_name: 'Another name' })).toMatchObject({ client_name: 'Chosen' });
  const grafana = { template: 'grafana', url: 'https://grafana.example.com', if_absent: true };
  const { client_id } = await create(grafana);
  expect((await create(grafana)).client_id).toBe(client_id);
});

it('the name of a client that registered itself does not block the operator from using it', async () => {
  const open = await startServer({ environment: { GATEHOUSE_REGISTRATION: 'open' } });
  const body = JSON.stringify({ client_name: 'Grafana', redirect_uris });
  const headers = { 'content-type': 'application/json' };
  expect((await fetch(`${open.issuer}/register`, { method: 'POST', headers, body })).status).toBe(201);
  const made = await runVerb(open, 'client', 'create', { client_name: 'Grafana', redirect_uris });
  expect(made).toHaveProperty('client_id');
  await open.stop();
});
