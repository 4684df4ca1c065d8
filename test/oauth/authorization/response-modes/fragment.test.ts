/** OAuth 2.0 Multiple Response Types §2.1 */
import { expect, it } from 'vitest';
import { fragment } from '../../../../src/oauth/authorization/response-modes/fragment.ts';

const locationOf = (redirect_uri: string, ...parameters: [string, string][]) => {
  const response = fragment.respond(redirect_uri, parameters);
  return response.kind === 'redirect' ? response.location : response.kind;
};

it('response_mode=fragment puts the parameters behind #, where no server sees them', () => {
  const location = locationOf('https://app.example/cb?a=b', ['code', 'a b&c'], ['state', '#x']);
  expect(location).toBe('https://app.example/cb?a=b#code=a+b%26c&state=%23x');
  expect(new URL(location).search).toBe('?a=b');
});

it('Z10 a value adds no parameter and no line', () => {
  const state = 'x&code=evil\r\ny';
  const location = locationOf('https://app.example/cb', ['state', state]);
  expect(location).not.toMatch(/[\r\n]/);
  expect([...new URLSearchParams(new URL(location).hash.slice(1))]).toEqual([['state', state]]);
});
