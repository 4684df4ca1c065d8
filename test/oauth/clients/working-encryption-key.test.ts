/** Keys of clients that are away for a while, and keys that can never encrypt. RFC 7517, OpenID Connect Core §10.2 */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compactDecrypt, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { revokeGrant } from '../../../src/storage/tables/grants.ts';
import { type Certificate, newCertificate } from '../../conformance/certificate.ts';
import {
  type Answer,
  authorize,
  confidentialClient,
  lastReason,
  post,
  type Registered,
  redeem,
  refresh,
  userinfo,
} from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent, type UserAgent } from '../../support/user-agent.ts';
import { ecJwk, type Members, rsa, rsaJwk, rsaOf } from './encryption-keys.ts';

const MINUTE = 60_000;
/** Less than code_seconds. */
const CODE_LIFE = 20_000;
const DAY = 24 * 60 * MINUTE;

const signing = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signingJwk: Members = { ...signing.publicKey.export({ format: 'jwk' }), kid: 'sig', use: 'sig' };

let directory: string;
let certificate: Certificate;
let server: TestServer;
let alice: UserAgent;
let keyHost: Server;
/** What the client's jwks_uri does now. */
let answer: { status: number; keys: Members[] };
let fetches: number;
/** Done while a client's keys are fetched. */
let meanwhile = async () => {};
let paths = 0;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-keys-'));
  certificate = await newCertificate(directory, 'localhost');
  keyHost = createServer({ cert: certificate.cert, key: certificate.key }, async (_request, response) => {
    fetches += 1;
    await meanwhile();
    response.writeHead(answer.status).end(JSON.stringify({ keys: answer.keys }));
  });
  await new Promise<void>((done) => keyHost.listen(0, '127.0.0.1', done));
  server = await startServer({
    environment: {
      GATEHOUSE_REGISTRATION: 'open',
      GATEHOUSE_OUTBOUND_ALLOW: 'localhost 127.0.0.0/8',
      GATEHOUSE_OUTBOUND_CA: certificate.certFile,
    },
  });
  await server.user();
});
afterAll(async () => {
  keyHost.closeAllConnections();
  keyHost.close();
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});
beforeEach(() => {
  answer = { status: 200, keys: [signingJwk, rsaJwk] };
  fetches = 0;
  meanwhile = async () => {};
  alice = createUserAgent(server.issuer);
});

/** Each with a key set of its own, so that nothing is remembered of it. */
function remoteClient(more: Members = {}): Promise<Registered> {
  paths += 1;
  const { port } = keyHost.address() as AddressInfo;
  return confidentialClient(server, {
    scope: 'openid offline_access',
    jwks_uri: `https://localhost:${port}/${paths}.json`,
    ...more,
  });
}
const encrypted = { id_token_encrypted_response_alg: 'RSA-OAEP-256' };
const codeFor = (client: Registered, scope = 'openid offline_access') =>
  authorize(server, client.client, { agent: alice, more: { scope, prompt: 'consent' } });

async function isReadable(id_token: string): Promise<boolean> {
  const { plaintext } = await compactDecrypt(id_token, rsa.privateKey);
  return new TextDecoder().decode(plaintext).split('.').length === 3;
}

function expectAway({ status, body, headers }: Answer): void {
  expect({ status, error: body.error }).toEqual({ status: 503, error: 'temporarily_unavailable' });
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(60);
}

describe('a jwks_uri that answers late', () => {
  it('V7.4.2 gets no claims of a person whose grant ended meanwhile', async () => {
    const client = await remoteClient({ userinfo_encrypted_response_alg: 'RSA-OAEP-256' });
    const authorized = await codeFor(client);
    const { body } = await redeem(server, client, authorized);
    const [grant_id = ''] = authorized.code.split('.');
    meanwhile = async () => {
      await server.gatehouse.db.write((tx) => revokeGrant(tx, grant_id, server.clock.nowMs()));
    };
    expect((await userinfo(server, body.access_token)).status).toBe(401);
    expect(fetches).toBe(1);
  });
});

describe('a jwks_uri that does not answer', () => {
  it('spends no code: 503 with Retry-After, and the same code is valid afterwards', async () => {
    const client = await remoteClient(encrypted);
    answer.status = 503;
    expectAway(await redeem(server, client, await codeFor(client)));
    expect(await lastReason(server)).toBe('client_keys_away');
    server.clock.advance(MINUTE - CODE_LIFE);
    const authorized = await codeFor(client);
    const away = await redeem(server, client, authorized);
    expectAway(away);
    expect(fetches).toBe(1);
    answer.status = 200;
    server.clock.advance(Number(away.headers.get('retry-after')) * 1000);
    const { status, body } = await redeem(server, client, authorized);
    expect(status).toBe(200);
    expect(await isReadable(body.id_token)).toBe(true);
  });

  it('spends no refresh token: after an outage of more than a day the same one and its grant are valid', async () => {
    const client = await remoteClient(encrypted);
    const { body } = await redeem(server, client, await codeFor(client));
    answer.status = 503;
    server.clock.advance(DAY + MINUTE);
    expectAway(await refresh(server, client, body.refresh_token));
    // Far beyond the grace: had the first try spent it, this would be reuse.
    server.clock.advance(10 * MINUTE);
    expectAway(await refresh(server, client, body.refresh_token));
    answer.status = 200;
    server.clock.advance(MINUTE);
    const renewed = await refresh(server, client, body.refresh_token);
    expect(renewed.status).toBe(200);
    expect((await refresh(server, client, renewed.body.refresh_token)).status).toBe(200);
  });

  it('the last good keys go on for a day, and it is asked once a minute at most', async () => {
    const client = await remoteClient(encrypted);
    let { body } = await redeem(server, client, await codeFor(client));
    answer.status = 503;
    fetches = 0;
    for (const wait of [11 * MINUTE, 1000, 1000, MINUTE]) {
      server.clock.advance(wait);
      const renewed = await refresh(server, client, body.refresh_token);
      expect(renewed.status).toBe(200);
      expect(await isReadable(renewed.body.id_token)).toBe(true);
      ({ body } = renewed);
    }
    expect(fetches).toBe(2);
  });

  it('a replayed code and a reused refresh token are found out all the same', async () => {
    const client = await remoteClient(encrypted);
    const authorized = await codeFor(client);
    const { body } = await redeem(server, client, authorized);
    const other = await redeem(server, client, await codeFor(client));
    const renewed = await refresh(server, client, other.body.refresh_token);
    answer.status = 503;
    server.clock.advance(DAY + MINUTE);
    expect((await redeem(server, client, authorized)).body.error).toBe('invalid_grant');
    expect(await lastReason(server)).toBe('code_too_old');
    expect((await refresh(server, client, other.body.refresh_token)).body.error).toBe('invalid_grant');
    expect(await lastReason(server)).toBe('refresh_token_reused');
    answer.status = 200;
    server.clock.advance(MINUTE);
    for (const { refresh_token } of [body, renewed.body])
      expect((await refresh(server, client, refresh_token)).body.error).toBe('invalid_grant');
  });

  it('does not matter where no ID token is issued, or none is encrypted', async () => {
    const client = await remoteClient({ ...encrypted, scope: 'openid profile offline_access' });
    const plain = await remoteClient();
    answer.status = 503;
    expect((await redeem(server, client, await codeFor(client, 'profile'))).status).toBe(200);
    fetches = 0;
    expect((await redeem(server, plain, await codeFor(plain))).status).toBe(200);
    expect(fetches).toBe(0);
  });

  it('is 503 at userinfo too, and the access token is good afterwards', async () => {
    const client = await remoteClient({ userinfo_encrypted_response_alg: 'RSA-OAEP-256' });
    const { body } = await redeem(server, client, await codeFor(client));
    answer.status = 503;
    expectAway(await userinfo(server, body.access_token));
    answer.status = 200;
    server.clock.advance(MINUTE);
    const { status, body: jwe } = await userinfo(server, body.access_token);
    expect(status).toBe(200);
    const { plaintext } = await compactDecrypt(jwe, rsa.privateKey);
    expect(JSON.parse(new TextDecoder().decode(plaintext))).toHaveProperty('sub');
  });
});

describe('private_key_jwt with a jwks_uri', () => {
  async function ask({ client: { client_id } }: Registered): Promise<Answer> {
    const nowSeconds = Math.floor(server.clock.nowMs() / 1000);
    const claims = { iss: client_id, sub: client_id, aud: server.issuer, jti: randomUUID() };
    const client_assertion = await new SignJWT({ ...claims, iat: nowSeconds, exp: nowSeconds + 60 })
      .setProtectedHeader({ alg: 'ES256', kid: 'sig' })
      .sign(signing.privateKey);
    const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    return post(server, '/token', {
      grant_type: 'client_credentials',
      client_assertion_type,
      client_assertion,
    });
  }
  const signer = () =>
    remoteClient({
      token_endpoint_auth_method: 'private_key_jwt',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      scope: '',
    });

  it('that does not answer is 503, is no wrong guess, and passes', async () => {
    const client = await signer();
    answer.status = 503;
    for (let i = 0; i < 30; i += 1) expectAway(await ask(client));
    expect(fetches).toBe(1);
    answer.status = 200;
    server.clock.advance(MINUTE);
    expect((await ask(client)).status).toBe(200);
  });

  it('that stops answering: the last good keys are used for a day', async () => {
    const client = await signer();
    expect((await ask(client)).status).toBe(200);
    answer.status = 503;
    server.clock.advance(DAY - MINUTE);
    expect((await ask(client)).status).toBe(200);
    server.clock.advance(2 * MINUTE);
    expectAway(await ask(client));
  });
});

describe('keys that cannot encrypt', () => {
  it.each<[string, string, Members]>([
    ['P-256 deriveBits', 'ECDH-ES', ecJwk('P-256', { key_ops: ['deriveBits'] })],
    ['P-384 deriveKey', 'ECDH-ES', ecJwk('P-384', { key_ops: ['deriveKey'], ext: false })],
    ['P-521 with an empty list', 'ECDH-ES+A256KW', ecJwk('P-521', { key_ops: [], ext: true })],
    ['X25519', 'ECDH-ES', { ...generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' }) }],
    ['RSA wrapKey', 'RSA-OAEP-256', rsaOf({ key_ops: ['wrapKey'], ext: true })],
    ['RSA encrypt', 'RSA-OAEP-256', rsaOf({ key_ops: ['encrypt'] })],
  ])('no others are: %s for %s is used in the ID token', async (_kind, alg, key) => {
    const metadata = { scope: 'openid', jwks: { keys: [key] }, id_token_encrypted_response_alg: alg };
    const client = await confidentialClient(server, metadata);
    const { status, body } = await redeem(server, client, await codeFor(client, 'openid'));
    expect(status).toBe(200);
    expect(body.id_token.split('.')).toHaveLength(5);
  });

  it('at jwks_uri are answered with what is wrong and spend no code; the next key is used', async () => {
    const client = await remoteClient({ id_token_encrypted_response_alg: 'ECDH-ES' });
    const broken = { kty: 'OKP', crv: 'X25519', x: 'A'.repeat(43), kid: 'zero' };
    answer.keys = [ecJwk('secp256k1', {}), rsaJwk];
    await redeem(server, client, await codeFor(client));
    server.clock.advance(MINUTE - CODE_LIFE);
    const authorized = await codeFor(client);
    const { status, body } = await redeem(server, client, authorized);
    expect({ status, error: body.error }).toEqual({ status: 400, error: 'invalid_client_metadata' });
    expect(body.error_description).toContain('secp256k1');
    expect(await lastReason(server)).toBe('no_encryption_key');
    // What only the trial finds out is looked for again just as soon.
    answer.keys = [broken];
    server.clock.advance(CODE_LIFE);
    expect((await redeem(server, client, authorized)).body.error_description).toContain(
      "'zero' cannot encrypt",
    );
    server.clock.advance(MINUTE - CODE_LIFE);
    const again = await codeFor(client);
    answer.keys = [broken, ecJwk('P-256', { kid: 'good' })];
    server.clock.advance(CODE_LIFE);
    const { body: tokens } = await redeem(server, client, again);
    const [header = ''] = tokens.id_token.split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString()).kid).toBe('good');
  });
});
