/** Whether a password may be this person's. NIST SP 800-63B-4 §3.1.1.2. What is short, long or common: password-rules.test.ts */
import { expect, it } from 'vitest';
import type { Settings } from '../../../src/config/settings-schema.ts';
import { checkPassword, passwordContext } from '../../../src/identity/passwords/check-new-password.ts';
import { isRefusal } from '../../../src/lib/outcome.ts';

const settings = { password_minimum_length: 15, issuer: 'https://accounts.example.com/op' } as Settings;
const alice = { username: 'alice', email: 'alice.adams@mail.example' };
const reasonOf = (password: string, user: Parameters<typeof checkPassword>[2] = alice) => {
  const checked = checkPassword({ settings }, password, user);
  return isRefusal(checked) ? checked.reason : checked;
};

it('one that is long enough and nobody’s first guess is taken', () => {
  expect(reasonOf('correct horse battery')).toBe('passed');
  expect(reasonOf('x7#kQ!mmpR2vTz9')).toBe('passed');
});

it('the length is that of the settings, counted to the character', () => {
  expect(reasonOf('x7#kQ!mmpR2vTz')).toBe('password_short');
  expect(reasonOf('7x'.repeat(513))).toBe('password_long');
});

it('the names of the person and of the server make one guessable', () => {
  const { words, minimumLength } = passwordContext({ settings }, alice);
  expect(minimumLength).toBe(15);
  expect(words).toEqual(
    expect.arrayContaining(['alice', 'alice.adams', 'mail.example', 'accounts.example.com', 'example']),
  );
  expect(passwordContext({ settings }, { username: 'bob', email: null }).words).toContain('bob');
});

it('the refusal says what to do, and not what was typed', () => {
  for (const password of ['short secret', 'passwordpassword', '7x'.repeat(513)]) {
    const checked = checkPassword({ settings }, password, alice);
    if (!isRefusal(checked)) throw new Error(`passed: ${password}`);
    expect(checked.description).toMatch(/^the password (must|is)/);
    expect(checked.description).not.toContain(password);
  }
});
