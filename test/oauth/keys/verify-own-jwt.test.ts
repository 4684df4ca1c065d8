/** A token is ours by our key, and of the form that we sign. RFC 7515 §5.2, RFC 8725 §3.11. Altered ones: sign-jwt.test.ts */
import { generateKeyPairSync } from 'node:crypto';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { createSignerHere } from '../../../src/oauth/keys/batched-signer.ts';
import { encodePart, signJwt } from '../../../src/oauth/keys/sign-jwt.ts';
import { verifyJwt } from '../../../src/oauth/keys/verify-own-jwt.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signer = createSignerHere();
const claimsSchema = z.object({ sub: z.string(), filling: z.string().optional() });

const signed = (header: object, claims: object = { sub: 'alice' }) =>
  signJwt(signer, 'ES256', privateKey, encodePart({ alg: 'ES256', typ: 'JWT', kid: 'k', ...header }), claims);
const verify = (token: string, types: readonly string[] = ['JWT'], alg = 'ES256') =>
  verifyJwt(async (kid) => (kid === 'k' ? { alg, publicKey } : undefined), token, types, claimsSchema);

it('is read where it is of a type that is looked for', async () => {
  expect(await verify(await signed({}))).toEqual({ sub: 'alice' });
  expect(await verify(await signed({ typ: 'at+jwt' }), ['JWT', 'at+jwt'])).toEqual({ sub: 'alice' });
  for (const typ of ['at+jwt', 'jwt', '', undefined])
    expect(await verify(await signed({ typ })), typ).toBeUndefined();
  expect(await verify(await signed({}), [])).toBeUndefined();
});

it('is none without a kid, with an unknown one, or of another algorithm than its key is for', async () => {
  expect(await verify(await signed({ kid: undefined }))).toBeUndefined();
  expect(await verify(await signed({ kid: 'other' }))).toBeUndefined();
  expect(await verify(await signed({}), ['JWT'], 'RS256')).toBeUndefined();
  expect(await verify(await signed({ alg: 'RS256' }))).toBeUndefined();
});

it('is none where a claim has another type than we sign, or it is longer than any of ours', async () => {
  for (const claims of [{}, { sub: 1 }, { sub: null }, { sub: ['alice'] }])
    expect(await verify(await signed({}, claims)), JSON.stringify(claims)).toBeUndefined();
  const filling = 'x'.repeat(40_000);
  expect(await verify(await signed({}, { sub: 'alice', filling }))).toMatchObject({ sub: 'alice' });
  expect(await verify(await signed({}, { sub: 'alice', filling: filling + filling }))).toBeUndefined();
});
