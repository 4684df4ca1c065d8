import { expect, test } from 'vitest';
import { parseAuthorization, tokenOf } from '../../src/oauth/authorization-header.ts';

test.each([
  ['Basic YWI6Y2Q=', 'basic', 'YWI6Y2Q='],
  ['bAsIc    YWI6Y2Q=   ', 'basic', 'YWI6Y2Q='],
  ['Bearer a.b-c_~+/==', 'bearer', 'a.b-c_~+/=='],
  ['Digest username="a", realm="b"', 'digest', undefined],
  ['Basic', 'basic', undefined],
  ['Basic two words', 'basic', undefined],
  ['Basic\tYWI6Y2Q=', 'basic', undefined],
  ['Basic,YWI6Y2Q=', 'basic', undefined],
  ['Basic =YWI', 'basic', undefined],
  ['Basically YWI6Y2Q=', 'basically', 'YWI6Y2Q='],
  ['', '', undefined],
])('%j has the scheme %s and the credentials %s', (header, scheme, token68) => {
  expect(parseAuthorization(header)).toEqual({ scheme, token68 });
});

test('no header is nothing, and only Bearer holds a token', () => {
  expect(parseAuthorization(undefined)).toBeUndefined();
  const bearerIn = (header: string | undefined) => tokenOf(parseAuthorization(header));
  expect(bearerIn(undefined)).toBeUndefined();
  expect(bearerIn('Basic YWI6Y2Q=')).toBeUndefined();
  expect(bearerIn('Bearer one two')).toBe('malformed');
  expect(bearerIn('Bearer one')).toEqual({ token: 'one' });
});
