/** What an interaction remembers: a server of the version before reads it too, while nodes are replaced one by one. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { authorize, authorizeUrl, CALLBACK, newPkce, redeem, requestOf } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent } from '../../support/user-agent.ts';

const BOOKS = 'https://books.example.com/';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  await server.user();
  await server.client({ redirect_uris: [CALLBACK], resources: [BOOKS] });
});
afterAll(() => server.stop());

async function storedRequest(): Promise<Record<string, unknown>> {
  const rows = await server.gatehouse.db.all<{ request: string }>(
    'SELECT request FROM interactions ORDER BY interaction_id',
  );
  return JSON.parse(rows.at(-1)?.request ?? '{}');
}

it('all that was asked is remembered, flat, with the claims as they were sent', async () => {
  const registered = await server.client({ redirect_uris: [CALLBACK], scope: 'openid profile email' });
  const { client } = registered;
  const authorized = await authorize(server, client);
  const { id_token } = (await redeem(server, registered, authorized)).body;
  const pkce = newPkce();
  const claims = '{ "userinfo": {"email": null, "zoneinfo": {"essential": true}}, "other": 1 }';
  const more = {
    scope: 'openid phone',
    state: 's',
    nonce: 'n',
    resource: BOOKS,
    response_mode: 'form_post',
    prompt: 'login consent',
    max_age: '60',
    ui_locales: 'de en',
    login_hint: 'alice',
    acr_values: 'one two',
    id_token_hint: id_token,
    claims,
  };
  await authorized.agent.open(authorizeUrl(server, requestOf(client, pkce, more)));
  const { hinted_sub, metadata_hash, ...others } = await storedRequest();
  expect([typeof hinted_sub, typeof metadata_hash]).toEqual(['string', 'string']);
  expect(others).toEqual({
    client_id: client.client_id,
    redirect_uri_sent: true,
    redirect_uri: CALLBACK,
    response_mode: 'form_post',
    state: 's',
    ui_locales: 'de en',
    scope: 'openid',
    resources: [BOOKS],
    code_challenge: pkce.code_challenge,
    nonce: 'n',
    prompt: ['login', 'consent'],
    max_age: 60,
    login_hint: 'alice',
    acr: { essential: false, values: ['one', 'two'] },
    claims,
    single_claims: ['email', 'zoneinfo'],
  });
});

it('what was not asked is not there, and the default_resource waits behind userinfo', async () => {
  const { client } = await server.client({ redirect_uris: [CALLBACK], default_resource: BOOKS });
  const { code_challenge, code_challenge_method, scope, ...request } = requestOf(client, newPkce());
  await createUserAgent(server.issuer).open(authorizeUrl(server, request));
  const { metadata_hash, ...others } = await storedRequest();
  expect(others).toEqual({
    client_id: client.client_id,
    redirect_uri_sent: true,
    redirect_uri: CALLBACK,
    response_mode: 'query',
    scope: client.metadata.scope,
    resources: [BOOKS],
    userinfo_first: true,
    prompt: [],
    acr: { essential: false, values: [] },
  });
});

it('of a request that is refused after signing in, the refusal', async () => {
  const open = await startServer({ environment: { GATEHOUSE_REGISTRATION: 'open' } });
  const body = JSON.stringify({ redirect_uris: [CALLBACK], client_name: 'Anybody’s app' });
  const headers = { 'content-type': 'application/json' };
  const registered = await fetch(`${open.issuer}/register`, { method: 'POST', headers, body });
  const { client_id } = await registered.json();
  const request = { client_id, redirect_uri: CALLBACK, response_type: 'token', prompt: 'login' };
  await createUserAgent(open.issuer).open(authorizeUrl(open, request));
  const [row] = await open.gatehouse.db.all<{ request: string }>('SELECT request FROM interactions');
  const { metadata_hash, ...others } = JSON.parse(row?.request ?? '{}');
  await open.stop();
  expect(others).toEqual({
    client_id,
    redirect_uri_sent: true,
    redirect_uri: CALLBACK,
    response_mode: 'query',
    scope: '',
    resources: [],
    prompt: [],
    acr: { essential: false, values: [] },
    refusal: {
      refused: true,
      error: 'unsupported_response_type',
      reason: 'unsupported_response_type',
      description: 'response_type must be code',
    },
  });
});
