/** The place in a list of sessions, as an address carries it. */
import { describe, expect, it } from 'vitest';
import { parsePlace, placeOf } from '../../../src/identity/sessions/session-list-cursor.ts';

describe('a place in the list of sessions', () => {
  it.each([
    { seenAtMs: 0, sid: 'a' },
    { seenAtMs: 999_999_999_999_999, sid: 'x'.repeat(64) },
    { seenAtMs: 1_700_000_000_000, sid: '0-_Z' },
  ])('is read as it was written: %j', (place) => {
    expect(parsePlace(placeOf(place))).toEqual(place);
  });

  it.each([
    '',
    '.',
    '1',
    '1.',
    '.a',
    'a.a',
    '-1.a',
    '1.5.a',
    '+1.a',
    ' 1.a',
    '1.a ',
    '1.a\n',
    '1.a.b',
    "1.a'--",
    '1.ü',
    `1.${'x'.repeat(65)}`,
    `${'1'.repeat(16)}.a`,
  ])('is not read from any other text: %j', (text) => {
    expect(parsePlace(text)).toBeUndefined();
  });
});
