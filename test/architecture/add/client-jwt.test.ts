/** A kind of JWT that a client signs: what it states itself, and what is checked of each kind. */
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { registeredClaims } from '../../../src/lib/jwt-claim-schemas.ts';
import type { Client } from '../../../src/oauth/clients/client.ts';
import {
  type ClientJwtKeys,
  type ClientJwtRules,
  type ClientJwtShape,
  OF_ANY_AGE,
  PUBLIC_KEYS,
  readClientJwt,
  type VerifiedClientJwt,
  verifyClientJwt,
} from '../../../src/oauth/clients/verify-client-jwt.ts';
import { signingAlgorithms } from '../../../src/oauth/keys/make-and-verify-signatures.ts';
import { startServer, type TestServer } from '../../support/server.ts';

/** As a request object may be (RFC 9101 §4): what it asks in claims of its own, and little said of itself. */
const requestClaims = z.object({ ...registeredClaims, scope: z.string().optional() });
const requestShape: ClientJwtShape<z.output<typeof requestClaims>> = {
  claims: requestClaims,
  longest: 32_000,
};
const requestRules: ClientJwtRules = {
  types: ['oauth-authz-req+jwt'],
  presence: { typ: 'required', iss: 'optional', aud: 'optional', exp: 'optional', jti: 'optional' },
  algorithms: signingAlgorithms,
  alg: undefined,
  audiences: ['https://as.example'],
  audienceForm: 'text or list of one',
  longestSeconds: 600,
  oldestSeconds: OF_ANY_AGE,
};

/** One whose end is told by its beginning. */
const hintRules: ClientJwtRules = { ...requestRules, oldestSeconds: 300 };

const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
let server: TestServer;
let client: Client;
beforeAll(async () => {
  server = await startServer();
  server.clock.hold();
  const jwks = { keys: [{ ...own.publicKey.export({ format: 'jwk' }), kid: 'own' }] };
  client = (await server.client({ redirect_uris: ['https://app.example/cb'], jwks })).client;
});
afterAll(() => server.stop());

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const nowSeconds = () => Math.floor(server.clock.nowMs() / 1000);

function signed(claims: object, header: object = {}, key: KeyObject = own.privateKey): string {
  const text = `${encode({ alg: 'ES256', kid: 'own', typ: 'oauth-authz-req+jwt', ...header })}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

async function verify(text: string, rules = requestRules, keys: ClientJwtKeys = PUBLIC_KEYS) {
  const jwt = readClientJwt(text, requestShape);
  return jwt && verifyClientJwt(server.gatehouse, { client, keys }, jwt, rules);
}

it('says nothing of itself where its rules ask for nothing, and gives the claims of its shape', async () => {
  const verified = await verify(signed({ scope: 'openid', other: 1 }));
  if (typeof verified !== 'object' || 'refused' in verified) throw new Error(`it was refused: ${verified}`);
  const typed: VerifiedClientJwt<z.output<typeof requestClaims>> = verified;
  expect([typed.claims, typed.client]).toEqual([{ scope: 'openid' }, client]);
});

it('is read in its shape and its length', () => {
  expect(readClientJwt(signed({ scope: 1 }), requestShape)).toBeUndefined();
  expect(readClientJwt(signed({ scope: 'x'.repeat(32_000) }), requestShape)).toBeUndefined();
  expect(readClientJwt(signed({ scope: 'x'.repeat(20_000) }), requestShape)).toBeDefined();
});

it('is refused for what it says wrongly, though it need not say it', async () => {
  const now = nowSeconds();
  for (const [claims, fault] of [
    [{ iss: 'another' }, 'wrong_issuer'],
    [{ iss: '' }, 'wrong_issuer'],
    [{ aud: 'https://other.example' }, 'wrong_audience'],
    [{ aud: [] }, 'wrong_audience'],
    [{ aud: ['https://as.example', 'https://other.example'] }, 'wrong_audience'],
    [{ exp: now - 30 }, 'expired'],
    [{ exp: now + 631 }, 'too_long'],
    [{ nbf: now + 31 }, 'not_yet_valid'],
    [{ iat: now + 31 }, 'not_yet_valid'],
  ] as const)
    expect(await verify(signed(claims)), JSON.stringify(claims)).toBe(fault);
  const right = { iss: client.client_id, aud: ['https://as.example'], exp: now + 630, nbf: now + 30, iat: 1 };
  expect(await verify(signed(right))).toMatchObject({ claims: right });
});

it('is refused for what it leaves out, where its rules require it', async () => {
  for (const [name, fault] of [
    ['iss', 'wrong_issuer'],
    ['aud', 'wrong_audience'],
    ['exp', 'expired'],
    ['jti', 'without_jti'],
  ] as const) {
    const rules = { ...requestRules, presence: { ...requestRules.presence, [name]: 'required' as const } };
    expect(await verify(signed({}), rules), name).toBe(fault);
  }
  expect(await verify(signed({}, { typ: undefined }))).toBe('wrong_typ');
  const silent = { ...requestRules, presence: {} as ClientJwtRules['presence'] };
  expect(await verify(signed({ jti: 'x' }), silent)).toBe('wrong_issuer');
  expect(await verify(signed({ jti: 'x' }, { typ: undefined }), silent)).toBe('wrong_typ');
});

it('is no other kind: its typ is its own', async () => {
  expect(await verify(signed({}, { typ: 'client-authentication+jwt' }))).toBe('wrong_typ');
  expect(await verify(signed({}, { typ: 'application/OAuth-AuthZ-Req+JWT' }))).toMatchObject({ client });
});

it('is over by its age, where its rules bound that', async () => {
  const now = nowSeconds();
  expect(await verify(signed({ iat: now - 329 }), hintRules)).toMatchObject({ client });
  expect(await verify(signed({ iat: now - 331 }), hintRules)).toBe('expired');
  expect(await verify(signed({}), hintRules)).toBe('expired');
  expect(await verify(signed({ exp: now + 60 }), hintRules)).toBe('expired');
});

it('is the client’s: the signature is asked of each kind', async () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  expect(await verify(signed({}, {}, other))).toBe('wrong_signature');
  expect(await verify(signed({}, { kid: 'other' }))).toBe('wrong_signature');
  expect(await verify(signed({}, { alg: 'none' }))).toBe('wrong_alg');
});

function signedBySecret(secret: string, header: object = {}): string {
  const text = `${encode({ alg: 'HS256', typ: 'oauth-authz-req+jwt', ...header })}.${encode({})}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

it('may be signed with a secret instead, by the same rules', async () => {
  const rules = { ...requestRules, algorithms: ['HS256' as const] };
  const keys = { secrets: ['former', 'present'] };
  for (const secret of keys.secrets)
    expect(await verify(signedBySecret(secret), rules, keys)).toMatchObject({ client });
  expect(await verify(signedBySecret('other'), rules, keys)).toBe('wrong_signature');
  expect(await verify(signedBySecret(''), rules, { secrets: [] })).toBe('no_keys');
  expect(await verify(signedBySecret('present', { typ: 'at+jwt' }), rules, keys)).toBe('wrong_typ');
  expect(await verify(signedBySecret('present'), { ...rules, alg: 'ES256' }, keys)).toBe('wrong_alg');
});

it('is not verified by a secret where it is signed with a key, nor the other way round', async () => {
  const both = { ...requestRules, algorithms: [...signingAlgorithms, 'HS256' as const] };
  const [jwk] = client.metadata.jwks?.keys ?? [];
  const pem = own.publicKey.export({ format: 'pem', type: 'spki' }).toString();
  for (const secret of [JSON.stringify(jwk), pem])
    expect(await verify(signedBySecret(secret, { kid: 'own' }), both)).toBe('wrong_alg');
  expect(await verify(signed({}), both, { secrets: ['present'] })).toBe('wrong_alg');
  expect(await verify(signedBySecret('present'), requestRules, { secrets: ['present'] })).toBe('wrong_alg');
});
