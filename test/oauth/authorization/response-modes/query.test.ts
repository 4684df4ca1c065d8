/** RFC 6749 §4.1.2 */
import { describe, expect, it } from 'vitest';
import { query } from '../../../../src/oauth/authorization/response-modes/query.ts';

const locationOf = (redirect_uri: string, ...parameters: [string, string][]) => {
  const response = query.respond(redirect_uri, parameters);
  return response.kind === 'redirect' ? response.location : response.kind;
};

describe('response_mode=query', () => {
  it('Z10 puts the parameters in the query, in their order, form-encoded', () => {
    expect(locationOf('https://app.example/cb', ['code', 'a b&c=d+e%'], ['state', 'ü#?'])).toBe(
      'https://app.example/cb?code=a+b%26c%3Dd%2Be%25&state=%C3%BC%23%3F',
    );
  });

  it('Z6 keeps a registered query as it is (RFC 6749 §3.1.2)', () => {
    expect(locationOf('https://app.example/cb?a=%62&a', ['code', 'x'])).toBe(
      'https://app.example/cb?a=%62&a&code=x',
    );
    expect(new URL(locationOf('https://app.example/cb?', ['code', 'x'])).searchParams.get('code')).toBe('x');
  });

  it('Z10 a value adds no parameter, no fragment and no line', () => {
    const state = 'x&code=evil#f\r\nLocation: https://evil.example';
    const location = locationOf('https://app.example/cb', ['code', 'good'], ['state', state]);
    expect(location).not.toMatch(/[\r\n#]/);
    const { searchParams } = new URL(location);
    expect([...searchParams]).toEqual([
      ['code', 'good'],
      ['state', state],
    ]);
  });

  it('leaves a scheme of an app as it is', () => {
    expect(locationOf('com.example.app:/cb', ['code', 'x'])).toBe('com.example.app:/cb?code=x');
  });
});
