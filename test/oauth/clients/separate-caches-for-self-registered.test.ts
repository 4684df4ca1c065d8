/** What is remembered of the operator's clients is pushed out by nobody who registers itself. RFC 7591 §5 */
import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { isRefusal } from '../../../src/lib/outcome.ts';
import { createClient } from '../../../src/oauth/clients/create-and-update-clients.ts';
import { newCertificate } from '../../conformance/certificate.ts';
import { confidentialClient, post } from '../../support/flow.ts';
import { grantTypes, startServer, type TestServer } from '../../support/server.ts';

const MINUTE = 60_000;
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'known' };
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
/** As much as an answer may have: 70 of them are more than is remembered. */
const LARGE = JSON.stringify({ keys: [{ ...jwk, filling: 'x'.repeat(64_000) }] });
const LARGE_LOGO = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(65_000)]);
const STRANGERS = 80;

let directory: string;
let server: TestServer;
let host: Server;
let fetched: string[] = [];
let isDown = false;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-strangers-'));
  const certificate = await newCertificate(directory, 'localhost');
  host = createServer({ cert: certificate.cert, key: certificate.key }, ({ url = '', socket }, response) => {
    fetched.push(url);
    if (isDown && url.startsWith('/honest')) return void socket.destroy();
    const isLogo = url.endsWith('.png');
    const isLarge = url.startsWith('/large');
    response.end(isLogo ? LARGE_LOGO : isLarge ? LARGE : JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((done) => host.listen(0, '127.0.0.1', done));
  server = await startServer({
    environment: {
      GATEHOUSE_OUTBOUND_ALLOW: 'localhost 127.0.0.0/8',
      GATEHOUSE_OUTBOUND_CA: certificate.certFile,
    },
  });
  server.clock.hold();
});
afterAll(async () => {
  host.closeAllConnections();
  host.close();
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});
beforeEach(() => {
  fetched = [];
  isDown = false;
});

const at = (path: string) => `https://localhost:${(host.address() as AddressInfo).port}${path}`;
const fetchesOf = (path: string) => fetched.filter((url) => url === path).length;
const BY_KEY = { grant_types: ['client_credentials'], token_endpoint_auth_method: 'private_key_jwt' };

async function register(path: string): Promise<string> {
  const created = await createClient(
    server.gatehouse,
    grantTypes,
    { client_name: 'Test app', ...BY_KEY, jwks_uri: at(`${path}.json`), logo_uri: at(`${path}.png`) },
    { registrationTokenHash: randomUUID() },
  );
  if (isRefusal(created)) throw new Error(created.description);
  return created.client.client_id;
}

async function registerAll(count: number): Promise<string[]> {
  const registered: string[] = [];
  for (let index = 0; index < count; index += 1) registered.push(await register(`/large/${randomUUID()}`));
  return registered;
}

/** The status, and the code of the refusal where it is one. */
async function show(client_id: string, kid = 'known', key: KeyObject = privateKey): Promise<string> {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(server.clock.nowMs() / 1000) + 60;
  const claims = { iss: client_id, sub: client_id, aud: server.issuer, jti: randomUUID(), exp };
  const signed = `${encode({ alg: 'ES256', kid })}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  const { status, body } = await post(server, '/token', {
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: `${signed}.${signature.toString('base64url')}`,
  });
  return status === 200 ? '200' : `${status} ${body.error}`;
}

async function operatorsClient(path: string): Promise<string> {
  const { client } = await server.client({ client_name: 'Test app', ...BY_KEY, jwks_uri: at(path) });
  return client.client_id;
}

test("A111 large key sets of self-registered clients leave an operator's client its last one while its host is down", async () => {
  const honest = await operatorsClient('/honest/keys.json');
  expect(await show(honest)).toBe('200');
  isDown = true;
  const strangers = await registerAll(STRANGERS);
  for (const one of strangers) await show(one);
  expect(fetched.filter((url) => url.startsWith('/large'))).toHaveLength(STRANGERS);
  server.clock.advance(15 * MINUTE);
  expect(await show(honest)).toBe('200');
});

test("A111 they cause no more than one fetch a minute of the operator's client's keys", async () => {
  const honest = await operatorsClient('/honest/storm.json');
  expect(await show(honest)).toBe('200');
  const strangers = await registerAll(STRANGERS);
  server.clock.advance(MINUTE);
  fetched = [];
  for (let round = 0; round < 3; round += 1) {
    for (const one of strangers) await show(one);
    expect(await show(honest, `unknown-${round}`, other)).toBe('401 invalid_client');
  }
  expect(fetchesOf('/honest/storm.json')).toBe(1);
});

test('an evicted key set of a self-registered client is fetched again, and keeps no client out', async () => {
  const stranger = await register('/honest/stranger');
  expect(await show(stranger)).toBe('200');
  const others = await registerAll(STRANGERS);
  for (const one of others) await show(one);
  expect(await show(stranger)).toBe('200');
  expect(fetchesOf('/honest/stranger.json')).toBe(2);
});

test("logos of self-registered clients leave an operator's client its own", async () => {
  const logo = async (client_id: string) => (await fetch(`${server.issuer}/client-logo/${client_id}`)).status;
  const { client } = await confidentialClient(server, { logo_uri: at('/honest/logo.png') });
  expect(await logo(client.client_id)).toBe(200);
  const strangers = await registerAll(3 * STRANGERS);
  for (const one of strangers) expect(await logo(one)).toBe(200);
  isDown = true;
  expect(await logo(client.client_id)).toBe(200);
  expect(fetchesOf('/honest/logo.png')).toBe(1);
});
