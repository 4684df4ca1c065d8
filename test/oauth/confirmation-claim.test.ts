/** What a token is bound to, and whether it was shown. RFC 7800 §3.1 */
import { describe, expect, it } from 'vitest';
import {
  isConfirmation,
  isMet,
  readConfirmation,
  writeConfirmation,
} from '../../src/oauth/confirmation-claim.ts';

describe('a claim is a confirmation', () => {
  const members = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`m${index}`, 'v']));

  it('where it is an object of texts', () => {
    for (const claim of [{}, { jkt: 'a' }, { jkt: 'a', 'x5t#S256': 'b' }, { jkt: '' }])
      expect(isConfirmation(claim), JSON.stringify(claim)).toBe(true);
  });

  it('and not where it, or a member of it, is anything else', () => {
    for (const claim of [undefined, null, 'a', 1, true, [], ['a'], [{ jkt: 'a' }]])
      expect(isConfirmation(claim), JSON.stringify(claim)).toBe(false);
    for (const value of [undefined, null, 1, true, [], ['a'], { kty: 'EC' }])
      expect(isConfirmation({ jkt: 'a', other: value }), JSON.stringify(value)).toBe(false);
  });

  it('of eight members at most, with 512 characters each', () => {
    expect(isConfirmation(members(8))).toBe(true);
    expect(isConfirmation(members(9))).toBe(false);
    expect(isConfirmation({ jkt: 'a'.repeat(512) })).toBe(true);
    expect(isConfirmation({ jkt: 'a'.repeat(513) })).toBe(false);
  });
});

describe('it is met', () => {
  it('where everything that it names was shown, whatever else was', () => {
    expect(isMet({ jkt: 'a' }, { jkt: 'a' })).toBe(true);
    expect(isMet({ jkt: 'a' }, { jkt: 'a', 'x5t#S256': 'b' })).toBe(true);
    expect(isMet(undefined, undefined)).toBe(true);
    expect(isMet(undefined, { jkt: 'a' })).toBe(true);
    expect(isMet({}, undefined)).toBe(true);
  });

  it('and not by another value, another member, a part of it, or nothing', () => {
    expect(isMet({ jkt: 'a' }, { jkt: 'A' })).toBe(false);
    expect(isMet({ jkt: 'a' }, { 'x5t#S256': 'a' })).toBe(false);
    expect(isMet({ jkt: 'a', 'x5t#S256': 'b' }, { jkt: 'a' })).toBe(false);
    expect(isMet({ jkt: 'a' }, {})).toBe(false);
    expect(isMet({ jkt: 'a' }, undefined)).toBe(false);
  });
});

it('a grant holds it as text, and null is none', () => {
  expect(readConfirmation(writeConfirmation({ jkt: 'a' }))).toEqual({ jkt: 'a' });
  expect(writeConfirmation(undefined)).toBeNull();
  expect(readConfirmation(null)).toBeUndefined();
});
