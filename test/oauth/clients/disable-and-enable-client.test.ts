/** What an operator disables and enables again. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { setClientDisabled } from '../../../src/oauth/clients/disable-and-enable-client.ts';
import { auditEvents, authorize, publicClient, redeem, refresh, userinfo } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  await server.user();
});
afterAll(() => server.stop());

it('disabling a client ends its grants, and enabling brings none back', async () => {
  const app = await publicClient(server);
  const { client_id } = app.client;
  const tokens = (await redeem(server, app, await authorize(server, app.client))).body;
  expect((await userinfo(server, tokens.access_token)).status).toBe(200);
  expect(await setClientDisabled(server.gatehouse, client_id, true)).toMatchObject({
    client: { client_id, disabled: true },
  });
  expect((await userinfo(server, tokens.access_token)).status).toBe(401);
  expect((await refresh(server, app, tokens.refresh_token)).body.error).toBe('invalid_client');
  expect(await setClientDisabled(server.gatehouse, client_id, false)).toMatchObject({
    client: { client_id, disabled: false },
  });
  expect((await userinfo(server, tokens.access_token)).status).toBe(401);
  expect((await refresh(server, app, tokens.refresh_token)).body.error).toBe('invalid_grant');
  const again = (await redeem(server, app, await authorize(server, app.client))).body;
  expect((await userinfo(server, again.access_token)).status).toBe(200);
});

it('both are in the audit', async () => {
  const { client_id } = (await publicClient(server)).client;
  for (const disabled of [true, false]) {
    server.clock.advance(1000);
    await setClientDisabled(server.gatehouse, client_id, disabled);
  }
  const events = (await auditEvents(server)).filter((event) => event.client_id === client_id);
  expect(events.slice(0, 2).map(({ type }) => type)).toEqual(['client.enabled', 'client.disabled']);
});

it('a client that there is not is refused, and nothing is recorded', async () => {
  for (const disabled of [true, false])
    expect(await setClientDisabled(server.gatehouse, 'nobody', disabled)).toMatchObject({
      error: 'not_found',
      reason: 'unknown_client',
    });
  expect((await auditEvents(server)).filter(({ client_id }) => client_id === 'nobody')).toEqual([]);
});
