/** What a token response has, and what it has only where it was admitted. RFC 6749 §5.1 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { authorize, CALLBACK, post, type Registered, redeem, refresh } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent, type UserAgent } from '../../support/user-agent.ts';

let server: TestServer;
let app: Registered;
let agent: UserAgent;
beforeAll(async () => {
  server = await startServer();
  await server.user();
  agent = createUserAgent(server.issuer);
  app = await server.client({
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    scope: 'openid offline_access read',
    first_party: true,
  });
});
afterAll(() => server.stop());

const membersOf = async (scope: string) => {
  const { body } = await redeem(server, app, await authorize(server, app.client, { agent, more: { scope } }));
  return body;
};
const namesOf = (body: object) => Object.keys(body).sort();

it('a code with openid gives an ID token beside the access token, with how long it is good, and its scope', async () => {
  const body = await membersOf('openid');
  expect(namesOf(body)).toEqual([
    'access_token',
    'expires_in',
    'id_token',
    'refresh_token',
    'scope',
    'token_type',
  ]);
  expect(body).toMatchObject({
    token_type: 'Bearer',
    expires_in: server.gatehouse.settings.access_token_seconds,
    scope: 'openid',
  });
});

it('without openid there is no ID token', async () => {
  const body = await membersOf('read');
  expect(body).not.toHaveProperty('id_token');
  expect(body.scope).toBe('read');
});

it('a refresh gives the access token of its narrower scope, and no ID token where openid was left out', async () => {
  const { refresh_token } = await membersOf('openid read offline_access');
  const { body } = await refresh(server, app, refresh_token, { scope: 'read' });
  expect(body.scope).toBe('read');
  expect(body).not.toHaveProperty('id_token');
});

it('RFC 6749 §3.3 §4.4.3 a client that acts for itself gets neither, and no scope where it has none', async () => {
  const { body } = await post(server, '/token', { grant_type: 'client_credentials' }, app);
  expect(namesOf(body)).toEqual(['access_token', 'expires_in', 'scope', 'token_type']);
  const service = await server.client({ grant_types: ['client_credentials'] });
  const none = await post(server, '/token', { grant_type: 'client_credentials' }, service);
  expect(namesOf(none.body)).toEqual(['access_token', 'expires_in', 'token_type']);
});
