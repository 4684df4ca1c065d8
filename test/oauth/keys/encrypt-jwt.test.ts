import { generateKeyPairSync } from 'node:crypto';
import { compactDecrypt, decodeProtectedHeader, type JWK } from 'jose';
import { expect, it } from 'vitest';
import { contentEncryptions, encryptJwt, keyEncryptions } from '../../../src/oauth/keys/encrypt-jwt.ts';

const pairs = {
  RSA: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  EC: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
};

it.each(keyEncryptions.flatMap((alg) => contentEncryptions.map((enc) => [alg, enc] as const)))(
  'RFC 7516 %s with %s: the owner of the key alone reads it',
  async (alg, enc) => {
    const { publicKey, privateKey } = alg.startsWith('RSA') ? pairs.RSA : pairs.EC;
    const key = { ...publicKey.export({ format: 'jwk' }), kid: 'one' } as JWK;
    const text = await encryptJwt('a.b.c', key, { alg, enc }, 'JWT');
    expect(decodeProtectedHeader(text)).toMatchObject({ alg, enc, kid: 'one', cty: 'JWT' });
    const { plaintext } = await compactDecrypt(text, privateKey);
    expect(new TextDecoder().decode(plaintext)).toBe('a.b.c');
    expect(text).not.toContain(Buffer.from('a.b.c').toString('base64url'));
  },
);

it('RFC 7519 §5.2 cty says that something signed is inside, and is left out where it is not', async () => {
  const key = pairs.EC.publicKey.export({ format: 'jwk' }) as JWK;
  const header = decodeProtectedHeader(
    await encryptJwt('{}', key, { alg: 'ECDH-ES', enc: 'A128GCM' }, undefined),
  );
  expect(header).not.toHaveProperty('cty');
  expect(header).not.toHaveProperty('kid');
});

it('a key of another kind encrypts nothing', async () => {
  const key = pairs.EC.publicKey.export({ format: 'jwk' }) as JWK;
  await expect(encryptJwt('{}', key, { alg: 'RSA-OAEP-256', enc: 'A128GCM' }, 'JWT')).rejects.toThrow();
});
