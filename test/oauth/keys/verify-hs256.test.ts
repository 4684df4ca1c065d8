/** RFC 7518 §3.2 */
import { expect, it } from 'vitest';
import { isMacAlgorithm, isMacOf } from '../../../src/oauth/keys/verify-hs256.ts';

/** Code by `printf header.payload | openssl dgst -sha256 -hmac 'a secret of the client'`, in hexadecimal. */
const SECRET = 'a secret of the client';
const TEXT = 'header.payload';
const CODE = Buffer.from('2f0be4feb95dc8feb564ef4c405a8462b3bb897c2326f01dd1d17ccd12585782', 'hex');

it('knows HS256 and no other, in no other spelling', () => {
  expect(isMacAlgorithm('HS256')).toBe(true);
  for (const other of ['hs256', 'HS384', 'none', 'ES256', '', 'toString', '__proto__'])
    expect(isMacAlgorithm(other), other).toBe(false);
});

it('takes the whole code of this secret and this text alone', () => {
  expect(isMacOf('HS256', SECRET, TEXT, CODE)).toBe(true);
  expect(isMacOf('HS256', `${SECRET}x`, TEXT, CODE)).toBe(false);
  expect(isMacOf('HS256', SECRET, `${TEXT}x`, CODE)).toBe(false);
  for (const wrong of [CODE.subarray(1), Buffer.concat([CODE, Buffer.alloc(1)]), Buffer.alloc(0)])
    expect(isMacOf('HS256', SECRET, TEXT, wrong)).toBe(false);
});
