import { expect, it } from 'vitest';
import { createSystemRandom } from '../../../src/lib/clock-and-random.ts';
import { sealText as seal } from '../../../src/lib/seal-text.ts';
import { unseal } from '../../../src/oauth/keys/seal-private-keys.ts';

const random = createSystemRandom();
const key = Buffer.alloc(32, 1);
const sealed = seal(key, 'kid', 'the private part: ü', random);

it('what was sealed opens with the same key and kid', () => {
  expect(unseal(key, 'kid', sealed)).toBe('the private part: ü');
  expect(unseal(key, 'kid', seal(key, 'kid', '', random))).toBe('');
});

it('and with no other: the sentence says what to do', () => {
  expect(() => unseal(Buffer.alloc(32, 2), 'kid', sealed)).toThrow(
    /kid does not open with this master key; start/,
  );
  expect(() => unseal(key, 'Kid', sealed)).toThrow('does not open');
});

it('nor where a bit of it was changed, at whichever place', () => {
  const bytes = Buffer.from(sealed, 'base64url');
  for (const index of [0, 11, 12, 27, 28, bytes.length - 1]) {
    const altered = Buffer.from(bytes);
    altered.writeUInt8(altered.readUInt8(index) ^ 1, index);
    expect(() => unseal(key, 'kid', altered.toString('base64url')), String(index)).toThrow('does not open');
  }
});

it('the same text is sealed differently each time, and is not in it', () => {
  expect(seal(key, 'kid', 'the private part: ü', random)).not.toBe(sealed);
  expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('private');
});
