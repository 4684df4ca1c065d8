/** What an ID token says of the person: what scopes ask for, where apps look for it. OpenID Connect Core §5.4 */
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorize, confidentialClient, type Registered, redeem, userinfo } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const SCOPE = 'openid profile email';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ environment: { GATEHOUSE_REGISTRATION: 'open' } });
  await server.user('alice', { given_name: 'Alice', family_name: 'Adams', nickname: 'al' });
  await server.user('bob');
  await server.user('carol', { name: 'Carol C.', given_name: 'Carol' });
});
afterAll(() => server.stop());

async function tokensOf(app: Registered, { username = 'alice', scope = SCOPE } = {}) {
  const authorized = await authorize(server, app.client, { username, more: { scope } });
  const { body } = await redeem(server, app, authorized);
  return { idToken: decodeJwt(body.id_token), told: (await userinfo(server, body.access_token)).body };
}

it('the ID token of a client that the operator made has the claims of the granted scopes, as userinfo has', async () => {
  const { idToken, told } = await tokensOf(await confidentialClient(server));
  expect(idToken).toMatchObject(told);
  expect(told).toMatchObject({ email: 'alice@example.com', nickname: 'al', preferred_username: 'alice' });
  const { idToken: narrow } = await tokensOf(await confidentialClient(server), { scope: 'openid email' });
  expect(narrow.email).toBe('alice@example.com');
  expect(narrow).not.toHaveProperty('nickname');
});

it('id_token_claims minimal leaves them to userinfo', async () => {
  const { idToken, told } = await tokensOf(await confidentialClient(server, { id_token_claims: 'minimal' }));
  for (const name of ['email', 'name', 'nickname']) {
    expect(idToken).not.toHaveProperty(name);
    expect(told).toHaveProperty(name);
  }
});

it('Core §5.4 the ID token of an app that registered itself has none of them, whatever it asks for', async () => {
  const response = await fetch(`${server.issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      redirect_uris: ['https://app.example.com/cb'],
      token_endpoint_auth_method: 'client_secret_basic',
      id_token_claims: 'scopes',
    }),
  });
  const { client_id, client_secret } = (await response.json()) as Record<string, string>;
  const client = await server.gatehouse.clients.find(client_id ?? '');
  if (!client) throw new Error('not registered');
  const { idToken, told } = await tokensOf({ client, client_secret });
  expect(idToken).not.toHaveProperty('email');
  expect(told.email).toBe('alice@example.com');
});

describe('name is', () => {
  it.each([
    ['alice', 'Alice Adams', 'made of the given and the family name'],
    ['bob', 'bob', 'the username where there is no other'],
    ['carol', 'Carol C.', 'what was said'],
  ])('of %s: %s, %s', async (username, name) => {
    const { idToken, told } = await tokensOf(await confidentialClient(server), { username });
    expect([idToken.name, told.name]).toEqual([name, name]);
  });
});
