/** A secret by Basic or in the body, as libraries send it. RFC 6749 §2.3.1 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, answerOf, authorize, publicClient, redeem } from '../../../support/flow.ts';
import { startServer, type TestServer } from '../../../support/server.ts';

const SECRET = 'a+b%2Fc~0123456789-0123456789';
const GRANT = { grant_type: 'client_credentials' };
const ENDPOINTS = [
  ['/token', GRANT],
  ['/introspect', { token: 'x' }],
  ['/revoke', { token: 'x' }],
] as const;

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  await server.user();
  const service = { client_secret: SECRET, grant_types: ['client_credentials'], scope: 'read' };
  for (const way of ['client_secret_basic', 'client_secret_post']) {
    await server.client({ ...service, client_id: way, token_endpoint_auth_method: way });
    const strict = { client_id: `strict-${way}`, strict_auth_method: true };
    await server.client({ ...service, ...strict, token_endpoint_auth_method: way });
  }
});
afterAll(() => server.stop());

async function send(path: string, form: Record<string, string>, authorization?: string): Promise<Answer> {
  const headers = authorization === undefined ? undefined : { authorization };
  return answerOf(
    await fetch(server.issuer + path, {
      method: 'POST',
      body: new URLSearchParams(form),
      ...(headers && { headers }),
    }),
  );
}

const raw = (client_id: string, secret: string) => `Basic ${btoa(`${client_id}:${secret}`)}`;
const encoded = (client_id: string, secret: string) => raw(client_id, encodeURIComponent(secret));

describe.each(ENDPOINTS)('at %s', (path, form) => {
  it.each(['client_secret_basic', 'client_secret_post'])('Q2 %s is taken in both ways', async (client_id) => {
    const inBody = { ...form, client_id, client_secret: SECRET };
    expect((await send(path, inBody)).status).toBe(200);
    expect((await send(path, form, encoded(client_id, SECRET))).status).toBe(200);
  });

  it('Q2 strict_auth_method holds a client to what it registered', async () => {
    const statuses = async (client_id: string) => [
      (await send(path, form, encoded(client_id, SECRET))).status,
      (await send(path, { ...form, client_id, client_secret: SECRET })).status,
    ];
    expect(await statuses('strict-client_secret_basic')).toEqual([200, 401]);
    expect(await statuses('strict-client_secret_post')).toEqual([401, 200]);
  });

  it('Q1 both at once stay invalid_request', async () => {
    const client_id = 'client_secret_basic';
    const both = { ...form, client_id, client_secret: SECRET };
    const { status, body } = await send(path, both, encoded(client_id, SECRET));
    expect([status, body.error]).toEqual([400, 'invalid_request']);
  });
});

it('the secret by Basic is good form-encoded and as it is; the client_id has one spelling', async () => {
  for (const client_id of ['client_secret_basic', 'client_secret_post']) {
    expect((await send('/token', GRANT, raw(client_id, SECRET))).status).toBe(200);
    expect((await send('/token', GRANT, encoded(client_id, SECRET))).status).toBe(200);
    expect((await send('/token', GRANT, raw(client_id, `${SECRET}x`))).status).toBe(401);
    expect((await send('/token', GRANT, raw(client_id, SECRET.replace('%2F', '/')))).status).toBe(401);
  }
  const aliased = raw('client%5Fsecret%5Fbasic', SECRET);
  expect((await send('/token', GRANT, aliased)).status).toBe(200);
  await server.client({
    client_id: 'a.b',
    client_secret: SECRET,
    grant_types: ['client_credentials'],
    scope: 'read',
  });
  expect((await send('/token', GRANT, raw('a%2Eb', SECRET))).status).toBe(200);
});

it('a secret that is no form encoding is taken as it is', async () => {
  const client_secret = '100%-certain-0123456789-0123456789';
  const metadata = {
    client_id: 'percent',
    client_secret,
    grant_types: ['client_credentials'],
    scope: 'read',
  };
  await server.client(metadata);
  expect((await send('/token', GRANT, raw('percent', client_secret))).status).toBe(200);
  expect((await send('/token', GRANT, encoded('percent', client_secret))).status).toBe(200);
});

it('Basic with nothing behind the colon is no secret: accepted for a public client, for no other', async () => {
  const app = await publicClient(server);
  const { client_id } = app.client;
  const authorized = await authorize(server, app.client);
  const form = {
    grant_type: 'authorization_code',
    code: authorized.code,
    redirect_uri: app.client.metadata.redirect_uris[0] ?? '',
    code_verifier: authorized.pkce.code_verifier,
  };
  expect((await send('/token', GRANT, raw('client_secret_basic', ''))).status).toBe(401);
  const other = await send('/token', { ...form, client_id: 'client_secret_post' }, raw(client_id, ''));
  expect(other.body.error).toBe('invalid_client');
  expect((await send('/token', form, raw(client_id, ''))).status).toBe(200);
  expect((await redeem(server, app, authorized)).body.error).toBe('invalid_grant');
});

it('a public client with a secret behind the colon proves nothing', async () => {
  const { client } = await publicClient(server);
  expect((await send('/token', GRANT, raw(client.client_id, 'x'))).body.error).toBe('invalid_client');
});
