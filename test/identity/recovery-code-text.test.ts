import { expect, it } from 'vitest';
import { hashOfRecoveryCode, newRecoveryCode } from '../../src/identity/recovery-code-text.ts';
import { createSystemRandom } from '../../src/lib/clock-and-random.ts';

const random = createSystemRandom();

it('L15 a code is 120 random bits: 24 characters of 32, in groups of four, and none twice', () => {
  const codes = Array.from({ length: 2000 }, () => newRecoveryCode(random));
  for (const code of codes) expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}$/);
  expect(new Set(codes).size).toBe(codes.length);
  // Each of the 32 is as likely: 48,000 characters, of which each has 1,500, give or take.
  const counts = new Map<string, number>();
  for (const character of codes.join('').replaceAll('-', ''))
    counts.set(character, (counts.get(character) ?? 0) + 1);
  expect(counts.size).toBe(32);
  for (const count of counts.values()) expect(Math.abs(count - 1500)).toBeLessThan(300);
});

it('it is recognised in lower case, without hyphens, with spaces, and with O, I and L for digits', () => {
  const code = '0123-4567-89AB-CDEF-1001-ZZZZ';
  const hash = hashOfRecoveryCode(code);
  expect(hash).toMatch(/^[A-Za-z0-9_-]{43}$/);
  for (const typed of [
    code.toLowerCase(),
    code.replaceAll('-', ''),
    ` ${code.replaceAll('-', ' ')} `,
    'O123-4567-89AB-CDEF-IoOl-ZZZZ',
  ])
    expect(hashOfRecoveryCode(typed)).toBe(hash);
});

it.each(['', '0123', '0123-4567-89AB-CDEF-1001-ZZZ', '0123-4567-89AB-CDEF-1001-ZZZZZ', 'U'.repeat(24)])(
  '%j is none',
  (typed) => expect(hashOfRecoveryCode(typed)).toBeUndefined(),
);

it('what is longer than any spelling of one is not looked at', () => {
  expect(hashOfRecoveryCode(`0123-4567-89AB-CDEF-1001-ZZZZ${' '.repeat(100)}`)).toBeUndefined();
});
