/** What is wrong with a URI that is to be registered: what the sentence names. RFC 8252 §7, RFC 9700 §2.1 */

import { describe, expect, it } from 'vitest';
import { PASSED } from '../../../src/lib/outcome.ts';
import {
  checkLogoutUri,
  checkRedirectUri,
  type RedirectUriRules,
} from '../../../src/oauth/clients/redirect-uri-rules.ts';

const WEB: RedirectUriRules = { native: false, development: false };
const NATIVE: RedirectUriRules = { native: true, development: false };
const TRUSTED: RedirectUriRules = { ...WEB, trusted: true };
const INSECURE: RedirectUriRules = { ...TRUSTED, insecure: true };

describe('a redirect URI', () => {
  it.each([
    'https://app.example.com/cb',
    'https://app.example.com',
    'https://app.example.com/cb?a=b&c=d',
    'https://a',
    'https://a-1.example/cb',
    'https://192.0.2.1:8443/cb',
    'https://[2001:db8::1]/cb',
    'https://app.example.com/a,b',
    'https://app.example.com/cb?of=a,https://bar.test',
  ])('may be %s', (uri) => {
    for (const rules of [WEB, NATIVE, TRUSTED, INSECURE]) expect(checkRedirectUri(uri, rules)).toBe(PASSED);
  });

  it.each([
    [' https://app.example.com/cb', /^has characters that no URI has/],
    ['https://app.example.com/cb ', /^has characters that no URI has/],
    ['https://münchen.example/cb', /^has characters that no URI has/],
    ['', /^has characters that no URI has/],
    ['/cb', /^is not an absolute URI/],
    ['app.example.com', /^is not an absolute URI/],
    ['https://app.example.com/cb#x', /^has a fragment/],
    ['https://app.example.com/cb#', /^has a fragment/],
    ['https://app.example.com/*', /^has a wildcard/],
    ['https://*.example.com/cb', /^has a wildcard/],
    ['https://app.example.com/cb,https://b.example/cb', /^is two URIs in one/],
    ['https://app.example.com/cb,COM.app+a-1://cb', /^is two URIs in one/],
    ['https://app.example.com/cb,a://b', /^is two URIs in one/],
    ['https://a@app.example.com/cb', /^has a user name/],
    ['https://:b@app.example.com/cb', /^has a user name/],
    ['https://APP.example.com/cb', /^must be written as https:\/\/app\.example\.com\/cb$/],
    ['https://app.example.com:443/cb', /^must be written as https:\/\/app\.example\.com\/cb$/],
    ['https://app.example.com/a/../cb', /^must be written as https:\/\/app\.example\.com\/cb$/],
    ['https://a;b.example/cb', /^has a host with other characters/],
    ['https://;a/cb', /^has a host with other characters/],
    ['https://a;/cb', /^has a host with other characters/],
    ['http://a,b.example/cb', /^has a host with other characters/],
    ['https://app.example.com/cb?code=x', /^has the query member code,/],
    ['https://app.example.com/cb?a=b&state=x', /^has the query member state,/],
    ['http://app.example.com/cb', /^must be https/],
  ])('is not %s: %s', (uri, fault) => {
    for (const rules of [WEB, NATIVE, TRUSTED, INSECURE]) expect(checkRedirectUri(uri, rules)).toMatch(fault);
  });

  it.each([...'\\<>"^`{|}'])('has no %s in it', (character) => {
    const uri = `https://app.example.com/${character}`;
    expect(checkRedirectUri(uri, WEB)).toMatch(/^has characters that no URI has/);
  });

  it('is refused for a fault of the whole before one of its query', () => {
    expect(checkRedirectUri('http://app.example.com/cb?code=x', WEB)).toBe('must be https');
  });
});

describe('http', () => {
  it.each(['http://127.0.0.1:8080/cb', 'http://[::1]/cb', 'http://localhost/cb'])(
    'Z5 Y7 on this machine (%s) is for native clients, development, and who the operator registers',
    (uri) => {
      for (const rules of [NATIVE, TRUSTED, INSECURE, { ...WEB, development: true }])
        expect(checkRedirectUri(uri, rules)).toBe(PASSED);
      expect(checkRedirectUri(uri, WEB)).toMatch(/^is http on this machine/);
      expect(checkRedirectUri(uri, { ...WEB, insecure: true })).toMatch(/^is http on this machine/);
    },
  );

  it.each(['http://nas:5000/cb', 'http://printer.lan/cb', 'http://10.0.0.7/cb', 'http://[fd00::7]/cb'])(
    'Z5 on a private host (%s) is for insecure_redirect_uris alone',
    (uri) => {
      expect(checkRedirectUri(uri, INSECURE)).toBe(PASSED);
      expect(checkRedirectUri(uri, TRUSTED)).toMatch(/^must be https; where that cannot be/);
      for (const rules of [WEB, NATIVE, { ...WEB, development: true }])
        expect(checkRedirectUri(uri, rules)).toBe('must be https');
    },
  );

  it.each(['http://app.example.com/cb', 'http://192.0.2.1/cb', 'http://[2606:4700::1]/cb'])(
    'Z5 on a public host (%s) is for nobody',
    (uri) => {
      expect(checkRedirectUri(uri, INSECURE)).toMatch(/^must be https: http is for private addresses/);
      for (const rules of [WEB, NATIVE, TRUSTED, { ...WEB, development: true }])
        expect(checkRedirectUri(uri, rules)).toBe('must be https');
    },
  );
});

describe('a scheme of an app', () => {
  it.each(['com.example.app:/cb', 'myapp://cb', 'myapp://a;b/cb', 'shttp://a;b/cb', 'https.app://a;b/cb'])(
    'Y7 (%s) is for native clients',
    (uri) => {
      expect(checkRedirectUri(uri, NATIVE)).toBe(PASSED);
      for (const rules of [WEB, INSECURE, { ...WEB, development: true }])
        expect(checkRedirectUri(uri, rules)).toMatch(/^has a private-use scheme/);
    },
  );

  it.each(['javascript:alert(1)', 'ms-word:ofe', 'file:///etc/passwd'])('A009 is not %s', (uri) => {
    const { protocol } = new URL(uri);
    for (const rules of [WEB, NATIVE])
      expect(checkRedirectUri(uri, rules)).toContain(`has the scheme ${protocol},`);
  });
});

describe('a URI that is notified of sign-outs', () => {
  it('is https, whatever its query holds but iss and sid', () => {
    const uri = 'https://app.example.com/out';
    for (const query of ['', '?a=b', '?code=x', '?u=http://a.example'])
      for (const development of [true, false])
        expect(checkLogoutUri(uri + query, development), query).toBe(PASSED);
    expect(checkLogoutUri(`${uri}?iss=x`, false)).toMatch(/^has the query member iss,/);
    expect(checkLogoutUri(`${uri}?a=b&sid=x`, true)).toMatch(/^has the query member sid,/);
  });

  it.each(['http://localhost/out', 'HTTP://localhost/out', 'http://app.example.com/out'])(
    'is http (%s) in development alone',
    (uri) => {
      expect(checkLogoutUri(uri, false)).toMatch(/^must be https, on this machine too/);
    },
  );

  it('is on this machine where it is http, and never of a private-use scheme', () => {
    expect(checkLogoutUri('http://localhost/out', true)).toBe(PASSED);
    expect(checkLogoutUri('http://app.example.com/out', true)).toBe('must be https');
    for (const development of [true, false])
      expect(checkLogoutUri('myapp://out', development)).toMatch(/^has a private-use scheme/);
  });
});
