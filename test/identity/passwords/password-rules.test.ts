import { expect, it } from 'vitest';
import { checkPasswordRules, isOversized } from '../../../src/identity/passwords/password-rules.ts';
import { PASSED } from '../../../src/lib/outcome.ts';

const faultOf = (password: string, words: string[] = []) =>
  checkPasswordRules(password, { minimumLength: 15, words });

it('L1 length is counted in code points after NFC', () => {
  expect(faultOf('🏮🚪🦉🌒🗝🪵🧱🔔🌲🍂🌧🐈🪨🔥')).toBe('short');
  expect(faultOf('🏮🚪🦉🌒🗝🪵🧱🔔🌲🍂🌧🐈🪨🔥🌾')).toBe(PASSED);
  expect(faultOf('cafe\u0301 gate owls')).toBe('short');
  expect(faultOf('cafe\u0301 gate owls!')).toBe(PASSED);
});

it('L1 A072 up to 1,024 characters of any kind are accepted, one more is too long', () => {
  const emoji = Array.from({ length: 1024 }, (_, index) =>
    String.fromCodePoint(0x1f300 + (index % 700)),
  ).join('');
  expect(faultOf(emoji)).toBe(PASSED);
  expect(faultOf(`${emoji}🏮`)).toBe('long');
  const decomposed = 'e\u0301'.repeat(1024);
  expect(isOversized(decomposed)).toBe(false);
  expect(isOversized(`${decomposed}x`)).toBe(true);
});

it.each([
  '739184620583746519',
  'nothing but letters here',
  ' leading and trailing ',
  'nul \u0000 in the middle',
  'ворота открыты ночью',
  'アリスの秘密の合言葉と灯籠の夜',
])('L1 no composition rules: %j is accepted', (password) => {
  expect(faultOf(password, ['alice', 'localhost'])).toBe(PASSED);
});

it.each([
  'passwordpassword',
  'Password1234567',
  '!!!Welcome!!!2026',
  '123456789012345',
  'ZYXWVUTSRQPONML',
  '           .    ',
  'abcabcabcabcabc',
  'alice@example.com',
  'Alice-id.example.com-2026',
])('L2 %j is among the first guesses', (password) => {
  expect(faultOf(password, ['alice', 'alice@example.com', 'id.example.com', 'example'])).toBe('common');
});
