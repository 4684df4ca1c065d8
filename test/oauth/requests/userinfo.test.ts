/** Userinfo and ID tokens as a client has registered them: signed, encrypted, both. OpenID Connect Core §5.3.2, §2 */
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { compactDecrypt, createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  authorize,
  authorizeUrl,
  confidentialClient,
  newPkce,
  type Registered,
  redeem,
  refresh,
  requestOf,
  userinfo,
} from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent, type UserAgent } from '../../support/user-agent.ts';

let server: TestServer;
let sub: string;
let alice: UserAgent;
let keys: ReturnType<typeof createRemoteJWKSet>;
beforeAll(async () => {
  server = await startServer();
  ({ sub } = await server.user('alice', { name: 'Alice' }));
  alice = createUserAgent(server.issuer);
  // The first PS256 key comes with the first client that wants it.
  keys = createRemoteJWKSet(new URL(`${server.issuer}/jwks`), { cooldownDuration: 0 });
});
afterAll(() => server.stop());

const pairs = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ec: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  x25519: generateKeyPairSync('x25519'),
};
const publicJwk = (name: keyof typeof pairs, more = {}) => ({
  ...pairs[name].publicKey.export({ format: 'jwk' }),
  kid: name,
  use: 'enc',
  ...more,
});
const jwks = { keys: [publicJwk('ec'), publicJwk('rsa')] };

async function signIn(
  metadata: Record<string, unknown>,
): Promise<{ client: Registered; body: Answer['body'] }> {
  const client = await confidentialClient(server, { scope: 'openid profile', ...metadata });
  const authorized = await authorize(server, client.client, {
    agent: alice,
    more: { scope: 'openid profile' },
  });
  return { client, body: (await redeem(server, client, authorized)).body };
}

async function decrypt(
  jwe: string,
  key: KeyObject,
): Promise<{ text: string; header: Record<string, unknown> }> {
  const { plaintext, protectedHeader } = await compactDecrypt(jwe, key);
  return { text: new TextDecoder().decode(plaintext), header: { ...protectedHeader } };
}

/** As a client checks: signature, issuer, audience. */
async function verified(token: string, client: Registered, alg: string) {
  const { payload } = await jwtVerify(token, keys, {
    issuer: server.issuer,
    audience: client.client.client_id,
    algorithms: [alg],
    currentDate: new Date(server.clock.nowMs()),
  });
  return payload;
}

const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA'];

describe('ID tokens', () => {
  it.each(algorithms)(
    'are signed by %s as registered, with the at_hash of its hash, also after a refresh',
    async (alg) => {
      const { client, body } = await signIn({ id_token_signed_response_alg: alg });
      const renewed = (await refresh(server, client, body.refresh_token)).body;
      for (const { id_token, access_token } of [body, renewed]) {
        const claims = await verified(id_token, client, alg);
        const digest = createHash(alg === 'EdDSA' ? 'sha512' : 'sha256')
          .update(access_token)
          .digest();
        expect(claims.at_hash).toBe(digest.subarray(0, digest.length / 2).toString('base64url'));
        expect(claims).toMatchObject({
          sub,
          auth_time: expect.any(Number),
          amr: ['pwd'],
          sid: expect.any(String),
        });
      }
    },
  );

  it('are signed and then encrypted as registered', async () => {
    const { client, body } = await signIn({
      jwks,
      id_token_signed_response_alg: 'ES256',
      id_token_encrypted_response_alg: 'RSA-OAEP-256',
      id_token_encrypted_response_enc: 'A256GCM',
    });
    const { text, header } = await decrypt(body.id_token, pairs.rsa.privateKey);
    expect(header).toEqual({ alg: 'RSA-OAEP-256', enc: 'A256GCM', kid: 'rsa', cty: 'JWT' });
    expect(await verified(text, client, 'ES256')).toMatchObject({ sub });
    // The client gives what it found inside as a hint (OpenID Connect Core §3.1.2.1).
    const asked = requestOf(client.client, newPkce(), { prompt: 'none', id_token_hint: text });
    const { location } = await alice.open(authorizeUrl(server, asked));
    expect(new URL(location ?? '').searchParams.get('error')).toBeNull();
  });
});

describe('userinfo', () => {
  it.each(algorithms)('W5 is signed by %s as registered, with iss and aud', async (alg) => {
    const { client, body } = await signIn({ userinfo_signed_response_alg: alg });
    const answer = await userinfo(server, body.access_token);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/jwt');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await verified(answer.body, client, alg)).toMatchObject({ sub, name: 'Alice' });
  });

  it('a signed answer is no ID token: it is refused as id_token_hint', async () => {
    const { client, body } = await signIn({ userinfo_signed_response_alg: 'ES256' });
    const { body: jwt } = await userinfo(server, body.access_token);
    const asked = requestOf(client.client, newPkce(), { prompt: 'none', id_token_hint: jwt });
    const { location } = await alice.open(authorizeUrl(server, asked));
    expect(new URL(location ?? '').searchParams.get('error')).toBe('invalid_request');
  });

  it.each([
    ['RSA-OAEP-256', 'A128CBC-HS256', 'rsa'],
    ['RSA-OAEP-256', 'A128GCM', 'rsa'],
    ['ECDH-ES', 'A256GCM', 'ec'],
    ['ECDH-ES+A256KW', 'A128GCM', 'ec'],
    ['ECDH-ES', 'A128CBC-HS256', 'x25519'],
  ] as const)('W5 is encrypted by %s with %s for the %s key', async (alg, enc, name) => {
    const { client, body } = await signIn({
      jwks: { keys: [publicJwk(name)] },
      userinfo_encrypted_response_alg: alg,
      userinfo_encrypted_response_enc: enc,
    });
    const answer = await userinfo(server, body.access_token);
    expect(answer.headers.get('content-type')).toBe('application/jwt');
    const { text, header } = await decrypt(answer.body, pairs[name].privateKey);
    expect(header).toMatchObject({ alg, enc, kid: name });
    expect(header).not.toHaveProperty('cty');
    const { client_id } = client.client;
    expect(JSON.parse(text)).toMatchObject({ sub, name: 'Alice', iss: server.issuer, aud: client_id });
  });

  it('W5 is signed and then encrypted where both are registered, A128CBC-HS256 being the default', async () => {
    const { client, body } = await signIn({
      jwks,
      userinfo_signed_response_alg: 'RS256',
      userinfo_encrypted_response_alg: 'ECDH-ES+A256KW',
    });
    const { text, header } = await decrypt(
      (await userinfo(server, body.access_token)).body,
      pairs.ec.privateKey,
    );
    expect(header).toMatchObject({ enc: 'A128CBC-HS256', cty: 'JWT' });
    expect(decodeProtectedHeader(text).alg).toBe('RS256');
    expect(await verified(text, client, 'RS256')).toMatchObject({ sub });
  });
});

describe('registration', () => {
  const refused: [string, Record<string, unknown>][] = [
    ['needs the client', { id_token_encrypted_response_alg: 'RSA-OAEP-256' }],
    [
      'needs a public key for it',
      { jwks: { keys: [publicJwk('ec')] }, userinfo_encrypted_response_alg: 'RSA-OAEP-256' },
    ],
    [
      'needs a public key',
      { jwks: { keys: [publicJwk('rsa', { use: 'sig' })] }, userinfo_encrypted_response_alg: 'RSA-OAEP-256' },
    ],
    ['_alg beside it', { jwks, userinfo_encrypted_response_enc: 'A128GCM' }],
    ['userinfo_encrypted_response_alg', { jwks, userinfo_encrypted_response_alg: 'RSA1_5' }],
    ['userinfo_encrypted_response_alg', { jwks, userinfo_encrypted_response_alg: 'dir' }],
    ['userinfo_signed_response_alg', { userinfo_signed_response_alg: 'none' }],
    ['userinfo_signed_response_alg', { userinfo_signed_response_alg: 'HS256' }],
    ['private member d', { jwks: { keys: [pairs.ec.privateKey.export({ format: 'jwk' })] } }],
    ['private member k', { jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] } }],
    ['not a public key', { jwks: { keys: [{ kty: 'RSA', n: 'x' }] } }],
    [
      '1024 bits',
      {
        jwks: {
          keys: [generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })],
        },
      },
    ],
    ['jwks', { jwks: { keys: [] } }],
  ];
  it.each(refused)('%s: metadata that cannot work is refused', async (sentence, metadata) => {
    await expect(confidentialClient(server, metadata)).rejects.toThrow(sentence);
  });

  it('M6 M11 discovery lists the algorithms, and none of them is none', async () => {
    const document = await (await fetch(`${server.issuer}/.well-known/openid-configuration`)).json();
    expect(document).toMatchObject({
      id_token_signing_alg_values_supported: expect.arrayContaining(['ES256', 'RS256']),
      userinfo_signing_alg_values_supported: expect.arrayContaining(['ES256', 'RS256']),
      id_token_encryption_alg_values_supported: ['RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A256KW'],
      userinfo_encryption_enc_values_supported: ['A128CBC-HS256', 'A128GCM', 'A256GCM'],
    });
    expect((document as Record<string, unknown>).userinfo_signing_alg_values_supported).not.toContain('none');
  });
});

it('RFC 8725 §3.11 an access token, an ID token and userinfo have types of their own', async () => {
  const { body } = await signIn({ userinfo_signed_response_alg: 'ES256' });
  const types = [body.access_token, body.id_token, (await userinfo(server, body.access_token)).body].map(
    (token: string) => decodeProtectedHeader(token).typ,
  );
  expect(types).toEqual(['at+jwt', 'JWT', undefined]);
  expect(decodeJwt(body.id_token).name).toBe('Alice');
});
