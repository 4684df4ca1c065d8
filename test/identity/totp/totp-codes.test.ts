import { Secret } from 'otpauth';
import { describe, expect, it } from 'vitest';
import {
  codeAt,
  groupsOf,
  newSeed,
  otpauthUrl,
  stepAt,
  stepOfCode,
} from '../../../src/identity/totp/totp-codes.ts';
import { createSystemRandom } from '../../../src/lib/clock-and-random.ts';

/** RFC 6238 Appendix B: the seed in ASCII, and the codes of SHA-1, whose last six digits are the shorter codes. */
const SEED = Secret.fromUTF8('12345678901234567890').base32;
const VECTORS = [
  [59, '94287082'],
  [1111111109, '07081804'],
  [1111111111, '14050471'],
  [1234567890, '89005924'],
  [2000000000, '69279037'],
  [20000000000, '65353130'],
] as const;

it.each(VECTORS)('L15 RFC 6238 Appendix B: at %i seconds the code is the end of %s', (seconds, code) => {
  expect(codeAt(SEED, stepAt(seconds * 1000))).toBe(code.slice(2));
});

describe('a typed code', () => {
  const nowMs = 1_700_000_000_000;
  const now = stepAt(nowMs);
  const stepOf = (typed: string, lastStep = 0) => stepOfCode(SEED, typed, { nowMs, lastStep });

  it.each([-1, 0, 1])('of a step that is %i away is found', (drift) => {
    expect(stepOf(codeAt(SEED, now + drift))).toBe(now + drift);
  });

  it.each([-2, 2])('of a step that is %i away is not', (drift) => {
    expect(stepOf(codeAt(SEED, now + drift))).toBeUndefined();
  });

  it('of a step that is not later than the last one is not', () => {
    expect(stepOf(codeAt(SEED, now), now - 1)).toBe(now);
    expect(stepOf(codeAt(SEED, now), now)).toBeUndefined();
    expect(stepOf(codeAt(SEED, now - 1), now - 1)).toBeUndefined();
  });

  it('may have spaces, and digits of full width', () => {
    const code = codeAt(SEED, now);
    expect(stepOf(` ${code.slice(0, 3)} ${code.slice(3)}\n`)).toBe(now);
    const wide = [...code].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join('');
    expect(stepOf(wide)).toBe(now);
  });

  it.each(['', '12345', 'abcdef', ' '.repeat(10_000)])('%j is none', (typed) => {
    expect(stepOf(typed)).toBeUndefined();
  });
});

it('a seed is 160 random bits in base32, which a person types in groups of four', () => {
  const random = createSystemRandom();
  const seed = newSeed(random);
  expect(seed).toMatch(/^[A-Z2-7]{32}$/);
  expect(newSeed(random)).not.toBe(seed);
  expect(groupsOf(seed)).toMatch(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
  expect(groupsOf(seed).replaceAll(' ', '')).toBe(seed);
});

describe('the link for an app', () => {
  const read = (issuer: string, username: string) => new URL(otpauthUrl(SEED, { issuer, username }));

  it('has the issuer and the username in its label, and what apps need', () => {
    const url = read('id.example.com', 'alice');
    expect([url.protocol, url.host, decodeURIComponent(url.pathname)]).toEqual([
      'otpauth:',
      'totp',
      '/id.example.com:alice',
    ]);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      issuer: 'id.example.com',
      secret: SEED,
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    });
  });

  it('L11 neither a username nor an issuer can end the label, or add a parameter', () => {
    const username = 'a?secret=AAAA&issuer=evil#:/é"<b>';
    const url = read('[::1]', username);
    expect(url.searchParams.getAll('secret')).toEqual([SEED]);
    expect(url.searchParams.getAll('issuer')).toHaveLength(1);
    expect(url.hash).toBe('');
    const [, label = ''] = url.pathname.split('/', 2);
    const [issuer, ...rest] = decodeURIComponent(label).split(':');
    expect(issuer).not.toContain(':');
    expect(rest.join(':')).toBe(username);
  });
});
