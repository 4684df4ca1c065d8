import { generateKeyPairSync } from 'node:crypto';
import { jwtVerify } from 'jose';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { createSignerHere } from '../../../src/oauth/keys/batched-signer.ts';
import type { SigningAlgorithm } from '../../../src/oauth/keys/make-and-verify-signatures.ts';
import { encodePart, signJwt } from '../../../src/oauth/keys/sign-jwt.ts';
import { verifyJwt } from '../../../src/oauth/keys/verify-own-jwt.ts';

const signer = createSignerHere();
const claimsSchema = z.object({ sub: z.string() });
const pairs = {
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  EdDSA: generateKeyPairSync('ed25519'),
};
const algorithms = Object.keys(pairs) as SigningAlgorithm[];
const headerOf = (alg: string, more = {}) => encodePart({ alg, typ: 'JWT', kid: 'k', ...more });

it.each(algorithms)('%s: every signature is one that others verify', async (alg) => {
  const { privateKey, publicKey } = pairs[alg];
  // 300 ECDSA signatures hold some whose R or S is shorter than 32 bytes, or has its first bit set.
  const count = /^[RP]S/.test(alg) ? 20 : 300;
  const tokens = await Promise.all(
    Array.from({ length: count }, (_unused, n) => signJwt(signer, alg, privateKey, headerOf(alg), { n })),
  );
  for (const [n, token] of tokens.entries()) {
    expect((await jwtVerify(token, publicKey, { algorithms: [alg] })).payload.n).toBe(n);
  }
});

it('A028 a token is ours only with our key, its algorithm, its typ, an untouched text and no crit', async () => {
  const { privateKey, publicKey } = pairs.ES256;
  const findKey = async (kid: string) => (kid === 'k' ? { alg: 'ES256', publicKey } : undefined);
  const verify = (token: string, typ = 'JWT') => verifyJwt(findKey, token, [typ], claimsSchema);
  const token = await signJwt(signer, 'ES256', privateKey, headerOf('ES256'), { sub: 'alice' });
  expect(await verify(token)).toEqual({ sub: 'alice' });
  const [head, body = '', signature] = token.split('.');
  const wrong = [
    `${head}.${body}.`,
    `${head}.${body}`,
    `${head}.${encodePart({ sub: 'mallory' })}.${signature}`,
    `${encodePart({ alg: 'none', typ: 'JWT', kid: 'k' })}.${body}.${signature}`,
    `${encodePart({ alg: 'HS256', typ: 'JWT', kid: 'k' })}.${body}.${signature}`,
    `${token}=`,
    `${token} `,
    `x.${body}.${signature}`,
    await signJwt(signer, 'ES256', privateKey, headerOf('ES256', { crit: ['exp'] }), { sub: 'alice' }),
    await signJwt(signer, 'ES256', privateKey, headerOf('ES256', { kid: 'other' }), { sub: 'alice' }),
    await signJwt(signer, 'EdDSA', pairs.EdDSA.privateKey, headerOf('EdDSA'), { sub: 'alice' }),
  ];
  for (const alg of algorithms) {
    const keyOf = async () => ({ alg, publicKey: pairs[alg].publicKey });
    const own = await signJwt(signer, alg, pairs[alg].privateKey, headerOf(alg), { sub: 'alice' });
    expect(await verifyJwt(keyOf, own, ['JWT'], claimsSchema)).toEqual({ sub: 'alice' });
  }
  for (const text of wrong) expect(await verify(text)).toBeUndefined();
  expect(await verify(token, 'at+jwt')).toBeUndefined();
});
