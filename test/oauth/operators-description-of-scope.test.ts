/** What a person and an operator read where a scope is meant. */
import { expect, it } from 'vitest';
import { describeScope } from '../../src/oauth/operators-description-of-scope.ts';

const own = {
  'api:read': { sentence: 'Read what you wrote' },
  'api:write': { sentence: undefined },
  openid: { sentence: 'Know who you are' },
};

it('the operator’s own scopes are shown by their description, or by their name', () => {
  expect(describeScope('api:read', own)).toBe('Read what you wrote');
  expect(describeScope('api:write', own)).toBe('api:write');
  expect(describeScope('unknown', own)).toBe('unknown');
  expect(describeScope('toString', own)).toBe('toString');
  expect(describeScope('openid', own)).toBe('Know who you are');
  expect(describeScope('email', own)).toBeUndefined();
});

it('a scope about a person that the operator says nothing of has the sentence of the pages', () => {
  for (const scope of ['openid', 'profile', 'groups', 'offline_access'])
    expect(describeScope(scope, { openid: {} }), scope).toBeUndefined();
});
