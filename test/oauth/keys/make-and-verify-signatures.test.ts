/** Signatures by each algorithm, and what is none. RFC 7515 §5.2. As others verify them: sign-jwt.test.ts */
import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  isQuick,
  isSignedBy,
  isSignedByForeignKey,
  quickSignature,
  type SigningAlgorithm,
  signingAlgorithms,
  slowSignature,
} from '../../../src/oauth/keys/make-and-verify-signatures.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pairs = {
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  RS256: rsa,
  PS256: rsa,
  EdDSA: generateKeyPairSync('ed25519'),
};
const signatureOf = async (alg: SigningAlgorithm, text: string) => {
  const made = isQuick(alg)
    ? quickSignature(alg, pairs[alg].privateKey, text)
    : await slowSignature(alg, pairs[alg].privateKey, text);
  return Buffer.from(made, 'base64url');
};

it('the elliptic curves are waited for, RSA is not', () => {
  expect(signingAlgorithms.filter(isQuick)).toEqual(['ES256', 'EdDSA']);
});

describe.each(signingAlgorithms)('%s', (alg) => {
  it('is over this text, by this key, and as long as its algorithm says', async () => {
    const signature = await signatureOf(alg, 'text');
    expect(signature).toHaveLength(isQuick(alg) ? 64 : 256);
    const { publicKey } = pairs[alg];
    for (const check of [isSignedBy, isSignedByForeignKey]) {
      expect(await check(alg, publicKey, 'text', signature)).toBe(true);
      expect(await check(alg, publicKey, 'Text', signature)).toBe(false);
      expect(await check(alg, publicKey, 'text', signature.subarray(1))).toBe(false);
      expect(await check(alg, publicKey, 'text', Buffer.alloc(signature.length))).toBe(false);
      expect(await check(alg, publicKey, 'text', Buffer.alloc(0))).toBe(false);
    }
  });
});

it.each(['RS256', 'PS256'] as const)(
  'RFC 8017 §8 %s: without its leading zero a signature is none',
  async (alg) => {
    // One signature in 256 begins with a zero: the text varies until one does.
    let text = '';
    let signature = Buffer.alloc(1, 1);
    while (signature[0] !== 0) {
      text += '.';
      signature = await signatureOf(alg, text);
    }
    const { publicKey } = pairs[alg];
    for (const check of [isSignedBy, isSignedByForeignKey]) {
      expect(await check(alg, publicKey, text, signature)).toBe(true);
      expect(await check(alg, publicKey, text, signature.subarray(1))).toBe(false);
      expect(await check(alg, publicKey, text, Buffer.concat([Buffer.alloc(1), signature]))).toBe(false);
    }
  },
);

it('one RSA key’s signature is of one padding', async () => {
  const { publicKey } = rsa;
  expect(isSignedBy('PS256', publicKey, 'text', await signatureOf('RS256', 'text'))).toBe(false);
  expect(isSignedBy('RS256', publicKey, 'text', await signatureOf('PS256', 'text'))).toBe(false);
});

it('RFC 7518 §3.4 an ECDSA signature in DER is none', () => {
  const { privateKey, publicKey } = pairs.ES256;
  expect(isSignedBy('ES256', publicKey, 'text', sign('sha256', Buffer.from('text'), privateKey))).toBe(false);
});
