/** Scopes. RFC 6749 §3.3 */
import { describe, expect, it } from 'vitest';
import {
  isOfPersonAlone,
  isSubset,
  isUserScope,
  narrowScope,
  parseScope,
} from '../../src/oauth/parse-and-narrow-scope.ts';

describe('the text of a scope', () => {
  it.each([
    ['', []],
    ['openid', ['openid']],
    ['openid profile', ['openid', 'profile']],
    ['b a b', ['b', 'a']],
    [' a  b ', ['a', 'b']],
    ['api:read https://x/y!#[]', ['api:read', 'https://x/y!#[]']],
    ['OPENID openid', ['OPENID', 'openid']],
  ])('Z9 %j is %j', (text, tokens) => {
    expect(parseScope(text)).toEqual(tokens);
  });

  it('Z9 holds the characters of RFC 6749 §3.3 and no other', () => {
    const allowed = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).filter(
      (character) => parseScope(`a${character}b`)?.length === 1,
    );
    expect(allowed.join('')).toBe(
      "!#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~",
    );
    for (const text of ['a\nb', 'a\tb', 'a"b', 'a\\b', 'ü', 'a\u00a0b', 'good a"b'])
      expect(parseScope(text), JSON.stringify(text)).toBeUndefined();
  });
});

describe('a scope about a person', () => {
  it('T13 is one of OpenID Connect, of groups and roles, or offline_access', () => {
    const about = ['openid', 'profile', 'email', 'address', 'phone', 'groups', 'roles', 'offline_access'];
    expect(about.filter(isUserScope)).toEqual(about);
    expect(['read', 'Openid', 'openid2', '', 'toString'].filter(isUserScope)).toEqual([]);
  });

  it('T13 alone is known where all that is asked is about a person', () => {
    expect(isOfPersonAlone('oidc', 'openid profile')).toBe(true);
    expect(isOfPersonAlone('oidc', 'openid read')).toBe(false);
    expect(isOfPersonAlone('oidc', 'read')).toBe(false);
    expect(isOfPersonAlone('oidc', '')).toBe(false);
    expect(isOfPersonAlone('oidc', 'ope"nid')).toBe(false);
    expect(isOfPersonAlone('fapi2', 'openid')).toBe(false);
  });
});

describe('what is asked', () => {
  const allowed = ['openid', 'read', 'write'];

  it('Z9 is narrowed to what is allowed, in the order of the request', () => {
    expect(narrowScope('oidc', 'write openid', allowed)).toEqual(['write', 'openid']);
    expect(narrowScope('oidc', 'write admin openid', allowed)).toEqual(['write', 'openid']);
    expect(narrowScope('oauth2.1', 'read admin', allowed)).toEqual(['read']);
  });

  it('Z9 is refused where none of it is allowed, or it is no scope', () => {
    for (const asked of ['admin', '', ' ', 'READ', 'read"', 'read\u0000'])
      expect(narrowScope('oidc', asked, allowed), JSON.stringify(asked)).toBeUndefined();
    expect(narrowScope('oidc', 'read', [])).toBeUndefined();
  });

  it('is taken whole or not at all with profile fapi2', () => {
    expect(narrowScope('fapi2', 'read write', allowed)).toEqual(['read', 'write']);
    expect(narrowScope('fapi2', 'read read', allowed)).toEqual(['read']);
    expect(narrowScope('fapi2', 'read admin', allowed)).toBeUndefined();
  });

  it('is within what was granted where each of it is', () => {
    expect(isSubset(['a', 'b'], ['b', 'c', 'a'])).toBe(true);
    expect(isSubset([], [])).toBe(true);
    expect(isSubset(['a', 'b'], ['a'])).toBe(false);
    expect(isSubset(['a'], [])).toBe(false);
  });
});
