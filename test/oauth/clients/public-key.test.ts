/** What the keys of strangers may be, wherever they come from. RFC 7517, RFC 7518 §6 */
import { generateKeyPairSync, type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isRefusal } from '../../../src/lib/outcome.ts';
import type { Client } from '../../../src/oauth/clients/client.ts';
import { updateClient } from '../../../src/oauth/clients/create-and-update-clients.ts';
import { updateClient as updateClientRow } from '../../../src/storage/tables/clients.ts';
import { newCertificate } from '../../conformance/certificate.ts';
import { runCommand } from '../../support/command.ts';
import {
  type Answer,
  answerOf,
  authorize,
  CALLBACK,
  confidentialClient,
  lastReason,
  post,
  redeem,
} from '../../support/flow.ts';
import { rawMembers, rawObject, signRaw } from '../../support/raw-json.ts';
import { grantTypes, startServer, type TestServer } from '../../support/server.ts';

type Members = Record<string, unknown>;
const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const MINUTE = 60_000;

const signing = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ec: Members = { ...signing.publicKey.export({ format: 'jwk' }), kid: 'ec' };
const rsa: Members = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });

/** A number of so many bits that nobody knows the factors of; it is odd. */
function modulus(bits: number): string {
  const bytes = randomBytes(Math.ceil(bits / 8));
  bytes[0] = 1 << ((bits - 1) % 8);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 1;
  return bytes.toString('base64url');
}
const rsaOf = (bits: number): Members => ({ kty: 'RSA', e: 'AQAB', n: modulus(bits), kid: 'mine' });
const rsaWith = (more: Members): Members => ({ ...rsa, kid: 'mine', ...more });
const exponent = (...bytes: number[]) => ({ e: Buffer.from(bytes).toString('base64url') });

const wrong: [string, Members][] = [
  ['2047 bits', rsaOf(2047)],
  ['8193 bits', rsaOf(8193)],
  ['350000 bits', rsaOf(350_000)],
  ['0 bits', rsaWith({ n: 'AAAA' })],
  ['exponent 1', rsaWith(exponent(1))],
  ['exponent 4', rsaWith(exponent(4))],
  ['exponent above 4294967295', rsaWith(exponent(1, 0, 0, 0, 1))],
  ['exponent above 4294967295', rsaWith({ e: modulus(40_000) })],
  ['base64url', rsaWith({ n: `${rsa.n}=` })],
  ['base64url', rsaWith({ e: undefined })],
  ['x must be 32 bytes', { ...ec, kid: 'mine', x: 'AAAA' }],
  ['y must be 32 bytes', { ...ec, kid: 'mine', y: modulus(40_000) }],
  ['x must be 32 bytes', { kty: 'OKP', crv: 'Ed25519', x: 'AAAA', kid: 'mine' }],
  ['x must be 48 bytes', { ...ec, kid: 'mine', crv: 'P-384' }],
  ['not a public key', { ...ec, kid: 'mine', x: ec.y, y: ec.x }],
  ['on the curve', { ...ec, kid: 'mine', crv: 'P-257' }],
  ['kty', { kty: 'AKP', kid: 'mine' }],
  ['private member', rsaWith({ d: 'AQAB' })],
];

let directory: string;
let server: TestServer;
let keyHost: Server;
let answer: unknown;
let fetches = 0;
let paths = 0;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-bounds-'));
  const certificate = await newCertificate(directory, 'localhost');
  keyHost = createServer({ cert: certificate.cert, key: certificate.key }, (_request, response) => {
    fetches += 1;
    response.end(JSON.stringify(answer));
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
  // Wrong assertions are counted for ten minutes.
  server.clock.advance(11 * MINUTE);
  fetches = 0;
});

const register = async (keys: unknown[]) =>
  answerOf(
    await fetch(`${server.issuer}/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: [CALLBACK], jwks: { keys } }),
    }),
  );

const signerOf = (more: Members) =>
  server.client({
    token_endpoint_auth_method: 'private_key_jwt',
    grant_types: ['client_credentials'],
    ...more,
  });

function remote(): Promise<Awaited<ReturnType<typeof signerOf>>> {
  paths += 1;
  const { port } = keyHost.address() as AddressInfo;
  return signerOf({ jwks_uri: `https://localhost:${port}/${paths}.json` });
}

interface Said {
  readonly claims?: Members;
  readonly header?: Members;
  readonly key?: KeyObject;
}

/** Signed by the right key unless another is given. */
function ask(client_id: string, { claims, header, key = signing.privateKey }: Said = {}): Promise<Answer> {
  const nowSeconds = Math.floor(server.clock.nowMs() / 1000);
  const all = { iss: client_id, sub: client_id, aud: server.issuer, exp: nowSeconds + 60, jti: randomUUID() };
  const client_assertion = signRaw(
    rawObject(rawMembers({ alg: 'ES256', kid: 'ec', ...header })),
    rawObject(rawMembers({ ...all, ...claims })),
    key,
  );
  const form = { grant_type: 'client_credentials', client_assertion_type: TYPE, client_assertion };
  return post(server, '/token', form);
}

describe('a key that is registered', () => {
  it.each(wrong)('is refused by kid and with what is wrong: %s', async (fault, key) => {
    const { status, body } = await register([ec, key]);
    expect({ status, error: body.error }).toEqual({ status: 400, error: 'invalid_client_metadata' });
    expect(body.error_description).toContain("'mine'");
    expect(body.error_description).toContain(fault);
    expect(await lastReason(server)).toBe('unusable_jwk');
  });

  it.each<[string, Members]>([
    ['2,048 bits', rsaOf(2048)],
    ['8,192 bits, and zeros before them', { ...rsaOf(8192), n: `AAAA${modulus(8192)}` }],
    ['the exponent 3', rsaWith(exponent(3))],
    ['the exponent 4294967295', rsaWith(exponent(255, 255, 255, 255))],
    [
      'a point of P-521',
      generateKeyPairSync('ec', { namedCurve: 'P-521' }).publicKey.export({ format: 'jwk' }) as Members,
    ],
    ['a point of Ed25519', generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }) as Members],
  ])('is taken with %s', async (_what, key) => {
    expect((await register([key])).status).toBe(201);
  });

  it('is one of twenty at most', async () => {
    const keys = Array.from({ length: 21 }, (_unused, n) => ({ ...ec, kid: `k${n}` }));
    expect((await register(keys)).status).toBe(400);
    expect((await register(keys.slice(1))).status).toBe(201);
  });

  it('is held to the same by the operator: client create --metadata, and client update', async () => {
    const file = join(directory, 'client.json');
    const database = `sqlite:${join(directory, 'operator.db')}`;
    const save = (key: Members) =>
      writeFileSync(
        file,
        JSON.stringify({ client_name: 'One', redirect_uris: [CALLBACK], jwks: { keys: [key] } }),
      );
    save(rsaOf(350_000));
    const refused = await runCommand(directory, database, ['client', 'create', '--metadata', file]);
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toContain('350000 bits');
    save(ec);
    const made = await runCommand(directory, database, ['client', 'create', '--json', '--metadata', file]);
    expect(made.code).toBe(0);
    save(rsaOf(9000));
    const { client_id } = JSON.parse(made.out);
    const update = await runCommand(directory, database, ['client', 'update', client_id, '--metadata', file]);
    expect(update).toMatchObject({ code: 1, out: '' });
    expect(update.err).toContain('9000 bits');
  });
});

describe('a key at jwks_uri', () => {
  it('that is out of bounds verifies nothing, and its neighbour does', async () => {
    const { client } = await remote();
    answer = { keys: [{ ...rsaOf(350_000), kid: 'long' }, { kty: 1 }, 'x', ec] };
    expect((await ask(client.client_id, { header: { alg: 'RS256', kid: 'long' } })).status).toBe(401);
    expect(await lastReason(server)).toBe('unusable_client_key');
    expect((await ask(client.client_id)).status).toBe(200);
  });

  it('is one of twenty at most: a longer set is refused', async () => {
    const { client } = await remote();
    answer = { keys: Array.from({ length: 21 }, () => ec) };
    expect((await ask(client.client_id)).status).toBe(503);
    expect(await lastReason(server)).not.toBe('wrong_assertion_signature');
    answer = { keys: Array.from({ length: 20 }, () => ec) };
    server.clock.advance(MINUTE);
    expect((await ask(client.client_id)).status).toBe(200);
  });
});

describe('a key that was registered before there were bounds', () => {
  const keys = [{ ...rsaOf(350_000), kid: 'long' }];

  function putKeys({ client_id, profile, metadata }: Client): Promise<boolean> {
    const updated_at = server.clock.nowMs();
    const row = { client_id, profile, metadata: JSON.stringify({ ...metadata, jwks: { keys } }), updated_at };
    return server.gatehouse.db.write((tx) => updateClientRow(tx, row));
  }

  it('verifies nothing, and has to go with the next change', async () => {
    const { client } = await signerOf({ jwks: { keys: [ec] } });
    await putKeys(client);
    const { client_id } = client;
    expect((await ask(client_id, { header: { alg: 'RS256', kid: 'long' } })).status).toBe(401);
    expect(await lastReason(server)).toBe('unusable_client_key');
    const renamed = await updateClient(server.gatehouse, grantTypes, client_id, { client_name: 'Two' });
    expect(isRefusal(renamed) && renamed.description).toContain('350000 bits');
  });

  it('encrypts nothing, and spends no code', async () => {
    const registered = await confidentialClient(server, {
      id_token_encrypted_response_alg: 'RSA-OAEP-256',
      jwks: { keys: [rsa] },
    });
    await putKeys(registered.client);
    const { status, body } = await redeem(server, registered, await authorize(server, registered.client));
    expect({ status, error: body.error }).toEqual({ status: 400, error: 'invalid_client_metadata' });
    expect(body.error_description).toContain('350000 bits');
    expect(await lastReason(server)).toBe('no_encryption_key');
  });
});

describe('an assertion', () => {
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

  it.each<[string, Said]>([
    ['assertion_expired', { claims: { exp: 1 } }],
    ['wrong_assertion_audience', { claims: { aud: 'https://elsewhere.example' } }],
    ['wrong_assertion_subject', { claims: { iss: 'somebody' } }],
    ['assertion_without_jti', { claims: { jti: undefined } }],
    ['wrong_assertion_alg', { header: { alg: 'ES512' } }],
    ['wrong_assertion_header_type', { header: { typ: 'at+jwt' } }],
  ])('that says what is wrong costs no look at its keys and its signature: %s', async (reason, said) => {
    const { client } = await remote();
    answer = { keys: [ec] };
    expect((await ask(client.client_id, { ...said, key: stranger })).status).toBe(401);
    expect(await lastReason(server)).toBe(reason);
    expect(fetches).toBe(0);
    expect((await ask(client.client_id, { key: stranger })).status).toBe(401);
    expect(await lastReason(server)).toBe('wrong_assertion_signature');
    expect(fetches).toBe(1);
  });

  it('is tried with four keys at most, and with the one that its kid names', async () => {
    const others = Array.from({ length: 8 }, (_unused, n) => {
      const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      return { ...publicKey.export({ format: 'jwk' }), kid: `k${n}` };
    });
    const { client } = await signerOf({ jwks: { keys: [...others, ec] } });
    expect((await ask(client.client_id, { header: { kid: undefined } })).status).toBe(401);
    expect(await lastReason(server)).toBe('too_many_client_keys');
    expect((await ask(client.client_id)).status).toBe(200);
    const few = await signerOf({ jwks: { keys: [...others.slice(0, 3), ec] } });
    expect((await ask(few.client.client_id, { header: { kid: undefined } })).status).toBe(200);
  });

  it.each(['JWT', 'jwt', 'application/jwt', 'client-authentication+jwt', undefined])(
    'may have the typ %s',
    async (typ) => {
      const { client } = await signerOf({ jwks: { keys: [ec] } });
      expect((await ask(client.client_id, { header: { typ } })).status).toBe(200);
    },
  );

  it('is longer than 16,384 characters: malformed, and nothing is done about it', async () => {
    const { client } = await signerOf({ jwks: { keys: [ec] } });
    const said = { claims: { unknown: 'x'.repeat(12_500) } };
    expect((await ask(client.client_id, said)).status).toBe(401);
  });

  it('is signed by an algorithm whose key has another curve: no key is tried', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const { client } = await signerOf({ jwks: { keys: [publicKey.export({ format: 'jwk' })] } });
    expect((await ask(client.client_id, { header: { kid: undefined }, key: privateKey })).status).toBe(401);
    expect(await lastReason(server)).toBe('wrong_assertion_signature');
  });
});
