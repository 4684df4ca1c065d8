/** How a name is compared, however it was typed. A067 */
import { describe, expect, it } from 'vitest';
import { loginKey, visibleName } from '../../src/identity/login-name.ts';

describe('a typed name', () => {
  it.each([
    'alice',
    'ALICE',
    ' alice ',
    'ali\u200bce',
    '\u2066alice\u2069',
    '\ufeffalice',
    'ａｌｉｃｅ',
    'al\u00adice',
    '\talice\n',
  ])('A067 is one key: %j', (text) => {
    expect(loginKey(text)).toBe('alice');
  });

  it('A067 differs where a letter differs', () => {
    const keys = ['alice', 'alicе', 'al ice', 'alíce', 'alice.', 'alicia'].map(loginKey);
    expect(new Set(keys).size).toBe(keys.length);
    expect(loginKey('e\u0301')).toBe(loginKey('\u00e9'));
  });

  it('keeps visible characters unchanged', () => {
    expect(visibleName('A\u200b B\u00e9')).toBe('A B\u00e9');
  });
});
