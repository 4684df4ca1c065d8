import { describe, expect, test } from 'vitest';
import { parsePairs, queryPairs } from '../../src/http/urlencoded-pairs.ts';

function reasonOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as { reason?: string }).reason;
  }
}

describe('form bodies and query strings', () => {
  test('G4 pairs keep their order and their repetitions', () => {
    expect(parsePairs('b=1&a=2&b=3&c&=x')).toEqual([
      ['b', '1'],
      ['a', '2'],
      ['b', '3'],
      ['c', ''],
      ['', 'x'],
    ]);
  });

  test('names and values are decoded once, plus signs as spaces', () => {
    expect(parsePairs('sc%6Fpe=a+b%20c%2Bd&v=%2525&e=x=y')).toEqual([
      ['scope', 'a b c+d'],
      ['v', '%25'],
      ['e', 'x=y'],
    ]);
  });

  test('100 parameters are accepted and 101 are not', () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => `p${index}=`).join('&');
    expect(parsePairs(many(100))).toHaveLength(100);
    expect(reasonOf(() => parsePairs(many(101)))).toBe('too_many_parameters');
    expect(reasonOf(() => parsePairs('&'.repeat(60_000)))).toBe('too_many_parameters');
  });

  test.each(['a=%', 'a=%zz', 'a=%ff', 'a=%c0%80', '%ed%a0%80=1'])('%s is refused, not repaired', (text) => {
    expect(reasonOf(() => parsePairs(text))).toBe('malformed_encoding');
  });

  test.each(['a=%00', '%00=a', 'client_id=app%00admin'])('NUL in %s is refused', (text) => {
    expect(reasonOf(() => parsePairs(text))).toBe('nul_character');
  });

  test('a query is read as it came over the wire, raw UTF-8 included', () => {
    expect(queryPairs('/authorize')).toEqual([]);
    expect(queryPairs('/authorize?state=a%3Fb&x=1?2')).toEqual([
      ['state', 'a?b'],
      ['x', '1?2'],
    ]);
    expect(queryPairs(`/authorize?state=${Buffer.from('ü').toString('latin1')}`)).toEqual([['state', 'ü']]);
    expect(reasonOf(() => queryPairs('/authorize?state=\xff'))).toBe('malformed_encoding');
    expect(queryPairs('/authorize?\xef\xbb\xbfstate=1')).toEqual([['\ufeffstate', '1']]);
  });
});
