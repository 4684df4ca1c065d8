/** Message authentication codes of RFC 7518 §3.2. */
import { expect, it } from 'vitest';
import { isMacAlgorithm, isMacOf } from '../../../src/oauth/keys/mac.ts';

/** RFC 4231 §4.3, test case 2. */
const CODE = Buffer.from('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843', 'hex');
const TEXT = 'what do ya want for nothing?';

it('is right by the secret and the text that it was computed with', () => {
  expect(isMacOf('HS256', 'Jefe', TEXT, CODE)).toBe(true);
  expect(isMacOf('HS256', 'jefe', TEXT, CODE)).toBe(false);
  expect(isMacOf('HS256', 'Jefe', `${TEXT}?`, CODE)).toBe(false);
});

it('is wrong where it is cut, longer or empty', () => {
  for (const code of [CODE.subarray(0, 31), Buffer.concat([CODE, Buffer.alloc(1)]), Buffer.alloc(0)])
    expect(isMacOf('HS256', 'Jefe', TEXT, code)).toBe(false);
});

it('is of one algorithm, by its exact name', () => {
  expect(isMacAlgorithm('HS256')).toBe(true);
  for (const alg of ['hs256', 'HS512', 'ES256', 'none', 'toString', ''])
    expect(isMacAlgorithm(alg)).toBe(false);
});
