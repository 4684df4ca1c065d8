/** What a request says is never an address that Gatehouse goes to. OWASP SSRF, RFC 9700 §4.15 */
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import {
  authorize,
  authorizeUrl,
  newPkce,
  post,
  publicClient,
  redeem,
  requestOf,
} from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent } from '../../support/user-agent.ts';

let server: TestServer;
let canary: Server;
let connections = 0;
let url: string;

beforeAll(async () => {
  canary = createServer((_request, response) => response.end('{"keys":[]}'));
  canary.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((done) => canary.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(canary.address() as AddressInfo).port}/client.json`;
  // It would be allowed to go there.
  server = await startServer({ environment: { GATEHOUSE_OUTBOUND_ALLOW: '127.0.0.0/8' } });
  await server.user();
  expect((await server.gatehouse.outbound({ url, method: 'GET', selfRegistered: false })).status).toBe(200);
  expect(connections).toBe(1);
  connections = 0;
});
afterAll(async () => {
  await server.stop();
  canary.closeAllConnections();
  canary.close();
});
afterEach(() => expect(connections).toBe(0));

it('A108 an address in a parameter or a header is not fetched, wherever it is sent', async () => {
  const client = await publicClient(server);
  const names = [
    'request_uri',
    'jwks_uri',
    'sector_identifier_uri',
    'logo_uri',
    'client_uri',
    'url',
    'uri',
    'iss',
  ];
  const everywhere = Object.fromEntries(names.map((name) => [name, url]));
  const headers = { 'x-original-url': url, 'x-forwarded-host': new URL(url).host, referer: url };
  const authorization = authorizeUrl(server, requestOf(client.client, newPkce(), everywhere));
  expect((await fetch(authorization, { headers, redirect: 'manual' })).status).toBeLessThan(500);
  for (const path of ['/token', '/revoke', '/introspect', '/userinfo', '/logout', '/login']) {
    const answer = await post(
      server,
      path,
      { ...everywhere, grant_type: 'client_credentials' },
      client,
      headers,
    );
    expect(answer.status, path).toBeLessThan(500);
  }
  for (const path of ['/logout', '/language', '/client-logo/x', `/client-logo/${encodeURIComponent(url)}`]) {
    const query = new URLSearchParams({ ...everywhere, back: url, post_logout_redirect_uri: url });
    expect(
      (await fetch(`${server.issuer}${path}?${query}`, { headers, redirect: 'manual' })).status,
    ).toBeLessThan(500);
  }
});

it('A112 a client_id that is a URL is an unknown client: its document is not fetched', async () => {
  for (const client_id of [url, url.replace('http:', 'https:')]) {
    const request = { ...requestOf((await publicClient(server)).client, newPkce()), client_id };
    const page = await createUserAgent(server.issuer).fetch(authorizeUrl(server, request));
    expect([page.status, page.location]).toEqual([400, undefined]);
    const form = { grant_type: 'authorization_code', code: 'x', client_id };
    expect((await post(server, '/token', form)).body.error).toBe('invalid_client');
  }
});

it('A047 A108 the addresses of keys in the header of a JWT are not fetched', async () => {
  const client = await publicClient(server);
  const { id_token } = (await redeem(server, client, await authorize(server, client.client))).body;
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const header = { alg: 'ES256', kid: url, jku: url, x5u: url };
  const claims = { iss: url, sub: client.client.client_id, aud: server.issuer, jti: randomUUID(), exp: 9e9 };
  const signed = `${encode(header)}.${encode(claims)}`;
  const key = { key: stranger.privateKey, dsaEncoding: 'ieee-p1363' } as const;
  const jwt = `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
  const assertion = {
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: jwt,
  };
  for (const path of ['/token', '/revoke', '/introspect'])
    expect((await post(server, path, { ...assertion, token: jwt })).body.error, path).toBe('invalid_client');
  const [, payload] = id_token.split('.');
  for (const hint of [jwt, `${encode(header)}.${payload}.AAAA`]) {
    const request = requestOf(client.client, newPkce(), { id_token_hint: hint, prompt: 'none' });
    expect((await createUserAgent(server.issuer).fetch(authorizeUrl(server, request))).status).toBe(303);
    const bearer = { headers: { authorization: `Bearer ${hint}` } };
    expect((await fetch(`${server.issuer}/userinfo`, bearer)).status).toBe(401);
  }
});
