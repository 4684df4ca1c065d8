import { expect, it } from 'vitest';
import { isRefusal, PASSED } from '../../../src/lib/outcome.ts';
import {
  checkEncryption,
  type EncryptionMetadata,
  encryptionOf,
} from '../../../src/oauth/clients/response-encryption-metadata.ts';

const jwks = { keys: [{ kty: 'RSA' }] };
const reasonOf = (metadata: EncryptionMetadata) => {
  const checked = checkEncryption(metadata);
  return isRefusal(checked) ? checked.reason : checked;
};

it('OpenID Connect Registration §2 is by the algorithms that were registered for this answer, A128CBC-HS256 by default', () => {
  const metadata: EncryptionMetadata = {
    id_token_encrypted_response_alg: 'RSA-OAEP-256',
    id_token_encrypted_response_enc: 'A256GCM',
    userinfo_encrypted_response_alg: 'ECDH-ES',
  };
  expect(encryptionOf(metadata, 'id_token')).toEqual({ alg: 'RSA-OAEP-256', enc: 'A256GCM' });
  expect(encryptionOf(metadata, 'userinfo')).toEqual({ alg: 'ECDH-ES', enc: 'A128CBC-HS256' });
  expect(encryptionOf({ id_token_encrypted_response_alg: 'ECDH-ES' }, 'userinfo')).toBeUndefined();
  expect(encryptionOf({}, 'id_token')).toBeUndefined();
});

it.each(['id_token', 'userinfo'] as const)(
  '%s: what is encrypted needs a key, and enc needs alg',
  (answer) => {
    const alg = { [`${answer}_encrypted_response_alg`]: 'RSA-OAEP-256' };
    const enc = { [`${answer}_encrypted_response_enc`]: 'A256GCM' };
    expect(reasonOf(alg)).toBe('missing_encryption_key');
    expect(reasonOf({ ...alg, jwks })).toBe(PASSED);
    expect(reasonOf({ ...alg, ...enc, jwks_uri: 'https://app.example.com/keys' })).toBe(PASSED);
    expect(reasonOf({ ...enc, jwks })).toBe('missing_encryption_alg');
  },
);

it('what is not encrypted needs nothing', () => {
  expect(reasonOf({})).toBe(PASSED);
  expect(reasonOf({ jwks })).toBe(PASSED);
});
