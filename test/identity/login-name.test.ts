/** How a name is compared, however it was typed. A067 */
import { describe, expect, it } from 'vitest';
import {
  accountKey,
  deviceKey,
  loginKey,
  unknownAccountKey,
  visibleName,
} from '../../src/identity/login-name.ts';

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

describe('the throttle', () => {
  const settings = (key: string) =>
    ({ settings: { masterKey: Buffer.alloc(32, key) } }) as unknown as Parameters<
      typeof unknownAccountKey
    >[0];

  it('of a name that no user has is the same for every spelling, and does not reveal the name', () => {
    const key = unknownAccountKey(settings('a'), 'Alice');
    expect(key).toBe(unknownAccountKey(settings('a'), ' ALI\u200bCE'));
    expect(key).not.toBe(unknownAccountKey(settings('a'), 'bob'));
    expect(key).not.toBe(unknownAccountKey(settings('b'), 'Alice'));
    expect(key.toLowerCase()).not.toContain('alice');
  });

  it('of an account differs from that of its devices', () => {
    expect(accountKey('sub')).not.toBe(deviceKey('sub'));
    expect(accountKey('a')).not.toBe(accountKey('b'));
  });
});
