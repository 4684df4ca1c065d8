/** How often a client's jwks_uri is asked, and how long a key that is gone from there is good. RFC 7517 §5, RFC 9700 §4.15 */
import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newCertificate } from '../../conformance/certificate.ts';
import { post } from '../../support/flow.ts';
import { many } from '../../support/refusals.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const MINUTE = 60_000;
const newPair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwkOf = ({ publicKey }: { publicKey: KeyObject }, kid: string) => ({
  ...publicKey.export({ format: 'jwk' }),
  kid,
});
const [first, second, stranger] = [newPair(), newPair(), newPair()];

let directory: string;
let server: TestServer;
let keyHost: Server;
let keys: object[];
let fetches: string[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-key-set-'));
  const certificate = await newCertificate(directory, 'localhost');
  keyHost = createServer({ cert: certificate.cert, key: certificate.key }, (request, response) => {
    fetches.push(request.url ?? '');
    response.end(JSON.stringify({ keys }));
  });
  await new Promise<void>((done) => keyHost.listen(0, '127.0.0.1', done));
  server = await startServer({
    environment: {
      GATEHOUSE_OUTBOUND_ALLOW: 'localhost 127.0.0.0/8',
      GATEHOUSE_OUTBOUND_CA: certificate.certFile,
    },
  });
  server.clock.hold();
});
afterAll(async () => {
  keyHost.closeAllConnections();
  keyHost.close();
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function signer(path: string): Promise<string> {
  const { port } = keyHost.address() as AddressInfo;
  const jwks_uri = `https://localhost:${port}${path}`;
  const metadata = { grant_types: ['client_credentials'], token_endpoint_auth_method: 'private_key_jwt' };
  return (await server.client({ ...metadata, jwks_uri })).client.client_id;
}

async function show(
  client_id: string,
  kid: string,
  { privateKey }: { privateKey: KeyObject },
): Promise<number> {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(server.clock.nowMs() / 1000) + 60;
  const claims = { iss: client_id, sub: client_id, aud: server.issuer, jti: randomUUID(), exp };
  const signed = `${encode({ alg: 'ES256', kid })}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  const form = {
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: `${signed}.${signature.toString('base64url')}`,
  };
  return (await post(server, '/token', form)).status;
}

it('A111 a storm of unknown kids fetches once a minute for each client, and keeps no client out', async () => {
  keys = [jwkOf(first, 'first')];
  const [target, other] = [await signer('/storm.json'), await signer('/other.json')];
  expect([await show(target, 'first', first), await show(other, 'first', first)]).toEqual([200, 200]);
  fetches = [];
  for (const minute of [1, 2, 3]) {
    server.clock.advance(MINUTE);
    await many(60, (index) => show(target, `unknown-${minute}-${index}`, stranger));
    expect(fetches).toEqual(Array(minute).fill('/storm.json'));
    expect([await show(target, 'first', first), await show(other, 'first', first)]).toEqual([200, 200]);
  }
});

it('A111 a new key is good at once, and one that was taken out is refused ten minutes later at most', async () => {
  keys = [jwkOf(first, 'first')];
  const client_id = await signer('/rotated.json');
  expect(await show(client_id, 'first', first)).toBe(200);
  keys = [jwkOf(second, 'second')];
  server.clock.advance(9 * MINUTE);
  expect(await show(client_id, 'first', first)).toBe(200);
  server.clock.advance(MINUTE);
  expect(await show(client_id, 'first', first)).toBe(401);
  expect(await show(client_id, 'second', second)).toBe(200);
  keys = [jwkOf(first, 'third')];
  server.clock.advance(MINUTE);
  expect(await show(client_id, 'third', first)).toBe(200);
  expect(await show(client_id, 'second', second)).toBe(401);
});

it('A111 a key that was taken out is refused as soon although the clock was set back, and a new one is good', async () => {
  server.clock.advance(1000 * MINUTE);
  keys = [jwkOf(first, 'first')];
  const client_id = await signer('/set-back.json');
  expect(await show(client_id, 'first', first)).toBe(200);
  server.clock.advance(-900 * MINUTE);
  keys = [jwkOf(second, 'second')];
  expect([await show(client_id, 'first', first), await show(client_id, 'second', second)]).toEqual([
    401, 200,
  ]);
});
