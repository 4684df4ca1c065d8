/** Claims one by one, as a consent and as a grant hold them. OpenID Connect Core §5.5 */
import { expect, it } from 'vitest';
import {
  claims,
  claimsNamed,
  requestedClaims,
} from '../../../../src/oauth/access/members/individual-claims.ts';

const request = {
  id_token: { email: null },
  userinfo: { email: { values: ['a@example.com'] }, name: { value: 'Alice' } },
};

it('of a request stand once each, with every place that they are asked for in', () => {
  expect(requestedClaims(request)).toEqual([
    { name: 'email', id_token: null, userinfo: { values: ['a@example.com'] } },
    { name: 'name', userinfo: { value: 'Alice' } },
  ]);
  expect(requestedClaims({})).toEqual([]);
});

it('with places are written as the parameter has them, by their names alone as a list', () => {
  expect(claims.write(requestedClaims(request))).toEqual(request);
  expect(claims.write(requestedClaims({ id_token: { name: null } }))).toEqual({ id_token: { name: null } });
  expect(claims.write(claimsNamed(['email', 'name']))).toEqual(['email', 'name']);
});

it('are read from both', () => {
  expect(claims.parse(['email'])).toEqual([{ name: 'email' }]);
  expect(claims.parse(request)).toEqual(requestedClaims(request));
});

it('called as a member of every object are names as any other', () => {
  const odd = JSON.parse('{"userinfo":{"__proto__":null,"constructor":null}}');
  expect(JSON.stringify(claims.write(requestedClaims(odd)))).toBe(JSON.stringify(odd));
});
