/** Which key signs at which millisecond. Decision 0031 */
import { describe, expect, it } from 'vitest';
import { begunKey, isRetired, isSealed, signingKey, stateOf } from '../../../src/oauth/keys/key-state.ts';
import { keyRow } from './key-row.ts';

const NOW = 1000;
const old = keyRow('old', { activates_at: 0 });
const current = keyRow('current', { activates_at: 500 });
const next = keyRow('next', { activates_at: NOW + 1 });

it('a key retires in the millisecond that was set, and never where none was', () => {
  expect(isRetired({ retires_at: NOW }, NOW)).toBe(true);
  expect(isRetired({ retires_at: NOW + 1 }, NOW)).toBe(false);
  expect(isRetired({ retires_at: null }, Number.MAX_SAFE_INTEGER)).toBe(false);
});

it('an erased private part signs nothing', () => {
  expect(isSealed(old)).toBe(true);
  expect(isSealed(keyRow('x', { private_sealed: '' }))).toBe(false);
  expect(signingKey([keyRow('x', { private_sealed: '' })], NOW)).toBeUndefined();
});

describe('the one that signs', () => {
  it('is the newest that has begun and not retired', () => {
    expect(signingKey([old, current, next], NOW)).toBe(current);
    expect(signingKey([old, current, next], NOW + 1)).toBe(next);
    expect(signingKey([old, keyRow('over', { activates_at: 500, retires_at: NOW })], NOW)).toBe(old);
    expect(signingKey([old, keyRow('erased', { activates_at: 500, private_sealed: '' })], NOW)).toBe(old);
  });

  it('is the first that will begin, where none has', () => {
    const later = keyRow('later', { activates_at: NOW + 50 });
    expect(begunKey([next, later], NOW)).toBeUndefined();
    expect(signingKey([next, later], NOW)).toBe(next);
    expect(signingKey([], NOW)).toBeUndefined();
    expect(signingKey([keyRow('over', { retires_at: 1 })], NOW)).toBeUndefined();
  });
});

it('each is next, current or retired', () => {
  const rows = [old, current, next];
  expect(rows.map((row) => stateOf(row, rows, NOW))).toEqual(['retired', 'current', 'next']);
  expect(stateOf(next, [next], NOW)).toBe('current');
  const never = keyRow('never', { activates_at: NOW + 5, retires_at: NOW + 5 });
  expect(stateOf(never, [...rows, never], NOW)).toBe('retired');
  const erased = keyRow('erased', { activates_at: NOW + 5, private_sealed: '' });
  expect(stateOf(erased, [...rows, erased], NOW)).toBe('retired');
});
