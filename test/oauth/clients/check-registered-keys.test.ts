/** Each key that a client registers is tried: what can never encrypt its answers is refused then. RFC 7517 */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRefusal, PASSED } from '../../../src/lib/outcome.ts';
import { checkKeys } from '../../../src/oauth/clients/check-registered-keys.ts';
import type { EncryptionMetadata } from '../../../src/oauth/clients/response-encryption-metadata.ts';
import { answerOf, CALLBACK } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { ecJwk, type Members, rsaJwk, rsaOf } from './encryption-keys.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ environment: { GATEHOUSE_REGISTRATION: 'open' } });
});
afterAll(() => server.stop());

describe('keys that cannot encrypt', () => {
  const register = async (alg: string, key: Members, answerName = 'id_token') =>
    answerOf(
      await fetch(`${server.issuer}/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          redirect_uris: [CALLBACK],
          jwks: { keys: [key] },
          [`${answerName}_encrypted_response_alg`]: alg,
        }),
      }),
    );

  it.each<[string, string, Members]>([
    ['EC secp256k1', 'ECDH-ES', ecJwk('secp256k1', {})],
    ['key_ops', 'ECDH-ES', ecJwk('P-256', { key_ops: ['verify'] })],
    ['key_ops', 'ECDH-ES+A256KW', ecJwk('P-256', { key_ops: 'deriveKey' })],
    ['key_ops', 'RSA-OAEP-256', rsaOf({ key_ops: ['verify'] })],
    ['use', 'RSA-OAEP-256', rsaOf({ use: 'sig' })],
    ['alg', 'RSA-OAEP-256', rsaOf({ alg: 'RS256' })],
    [
      'OKP Ed25519',
      'ECDH-ES',
      { ...generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }), kid: 'mine' },
    ],
    ['cannot encrypt', 'ECDH-ES', { kty: 'OKP', crv: 'X25519', x: 'A'.repeat(43), kid: 'mine' }],
    ['exponent 1', 'RSA-OAEP-256', rsaOf({ e: 'AQ' })],
  ])('are refused at registration, by kid and with what is wrong: %s for %s', async (wrong, alg, key) => {
    for (const answerName of ['id_token', 'userinfo']) {
      const { status, body } = await register(alg, key, answerName);
      expect({ status, error: body.error }).toEqual({ status: 400, error: 'invalid_client_metadata' });
      expect(body.error_description).toContain("'mine'");
      expect(body.error_description).toContain(wrong);
    }
  });
});

describe('the keys of a client', () => {
  const told = async (metadata: EncryptionMetadata) => {
    const checked = await checkKeys(metadata);
    return isRefusal(checked) ? [checked.reason, checked.description] : checked;
  };
  const broken = { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', kid: 'broken' };

  it('are tried each, also where nothing is encrypted', async () => {
    expect(await told({ jwks: { keys: [rsaJwk, ecJwk('P-256', {})] } })).toBe(PASSED);
    const refused = ['unusable_jwk', expect.stringContaining('the key "broken"')];
    expect(await told({ jwks: { keys: [rsaJwk, broken] } })).toEqual(refused);
  });

  it('hold one that encrypts each answer that is to be encrypted, and others besides', async () => {
    const both = {
      id_token_encrypted_response_alg: 'RSA-OAEP-256',
      userinfo_encrypted_response_alg: 'ECDH-ES',
    } as const;
    expect(await told({ ...both, jwks: { keys: [ecJwk('P-256', {}), rsaJwk] } })).toBe(PASSED);
    expect(await told({ ...both, jwks: { keys: [rsaJwk] } })).toEqual([
      'missing_encryption_key',
      expect.stringContaining('userinfo_encrypted_response_alg ECDH-ES'),
    ]);
  });

  it('that are fetched from elsewhere are not looked at', async () => {
    expect(await told({ id_token_encrypted_response_alg: 'ECDH-ES' })).toBe(PASSED);
    expect(await told({})).toBe(PASSED);
  });
});
