/** What a rule says that it found, of what is asked or of what the code is bound to. */
import { expect, it } from 'vitest';
import { foundAsked, foundForCode } from '../../../../src/oauth/authorization/rules/rule.ts';

it('what is asked says nothing of the code', () => {
  const asked = { access: { scope: ['a'] }, max_age: 1 };
  expect(foundAsked(asked)).toEqual({ asked, code: {} });
});

it('what the code is bound to says nothing of what is asked', () => {
  const code = { nonce: 'n', code_challenge: 'c' };
  expect(foundForCode(code)).toEqual({ asked: {}, code });
});
