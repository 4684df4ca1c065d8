/** Under which key an attempt is counted. A067 */
import { describe, expect, it } from 'vitest';
import { accountKey, deviceKey, unknownAccountKey } from '../../../src/identity/attempts/throttle-keys.ts';

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
