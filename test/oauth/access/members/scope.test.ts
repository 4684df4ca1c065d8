import { expect, it } from 'vitest';
import { accessTo, isWithin } from '../../../../src/oauth/access/access-set-operations.ts';
import { scope } from '../../../../src/oauth/access/members/scope.ts';

it('RFC 6749 §3.3 a word is compared by its letters, in their case', () => {
  expect(scope.isSame('email', 'email')).toBe(true);
  for (const other of ['Email', 'emai', 'email ', ''])
    expect(scope.isSame('email', other), other).toBe(false);
});

it('is shown to the operator and recorded in the audit as one text, and stored as it is', () => {
  expect(scope.describe(['openid', 'email'])).toBe('openid email');
  expect(scope.describe([])).toBe('');
  expect(scope.isAudited).toBe(true);
  expect(scope.parse(scope.write(['openid', 'email']))).toEqual(['openid', 'email']);
});

it('one word more than was allowed is not within it', () => {
  const allowed = accessTo({ scope: ['openid'] });
  expect(isWithin(accessTo({ scope: ['openid'] }), allowed)).toBe(true);
  expect(isWithin(accessTo({ scope: ['openid', 'email'] }), allowed)).toBe(false);
});
