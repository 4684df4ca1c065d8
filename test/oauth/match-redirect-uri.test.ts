/** Which redirect URI is a registered one. RFC 9700 §2.1, RFC 8252 §7.3 */
import { describe, expect, it } from 'vitest';
import { isBarred, isRegisteredRedirectUri } from '../../src/oauth/match-redirect-uri.ts';

const clientOf = (application_type: 'web' | 'native', ...redirect_uris: string[]) => ({
  metadata: { application_type, redirect_uris },
});
const web = (...uris: string[]) => clientOf('web', ...uris);
const native = (...uris: string[]) => clientOf('native', ...uris);

describe('the redirect URI of a web client', () => {
  const registered = 'https://app.example.com/cb?tenant=a';

  it('Z3 is the same, byte for byte', () => {
    expect(isRegisteredRedirectUri(web(registered), registered)).toBe(true);
    expect(isRegisteredRedirectUri(web('https://other.example/', registered), registered)).toBe(true);
    expect(isRegisteredRedirectUri(web(), registered)).toBe(false);
  });

  it.each([
    'https://app.example.com/cb',
    'https://app.example.com/cb?tenant=a&more=b',
    'https://app.example.com/cb?tenant=b',
    'https://app.example.com/cb?tenant=a#',
    'https://app.example.com/cb/?tenant=a',
    'https://app.example.com/CB?tenant=a',
    'https://APP.example.com/cb?tenant=a',
    'HTTPS://app.example.com/cb?tenant=a',
    'http://app.example.com/cb?tenant=a',
    'https://app.example.com:443/cb?tenant=a',
    'https://app.example.com./cb?tenant=a',
    'https://evil.example/cb?tenant=a',
    'https://app.example.com.evil.example/cb?tenant=a',
    'https://user@app.example.com/cb?tenant=a',
    'https://app.example.com/x/../cb?tenant=a',
    'https://app.example.com/%63b?tenant=a',
    'https://app.example.com\\cb?tenant=a',
    ' https://app.example.com/cb?tenant=a',
    'https://app.example.com/cb?tenant=a ',
    '',
  ])('Z3 A001 A005 A006 is not one that a URL parser, a prefix or a browser would take for it: %s', (uri) => {
    expect(isRegisteredRedirectUri(web(registered), uri)).toBe(false);
    expect(isRegisteredRedirectUri(native(registered), uri)).toBe(false);
  });

  it('Z3 A007 keeps its port on loopback too', () => {
    const client = web('http://127.0.0.1:8080/cb');
    expect(isRegisteredRedirectUri(client, 'http://127.0.0.1:8080/cb')).toBe(true);
    expect(isRegisteredRedirectUri(client, 'http://127.0.0.1:8081/cb')).toBe(false);
    expect(isRegisteredRedirectUri(client, 'http://127.0.0.1/cb')).toBe(false);
  });
});

describe('the loopback redirect URI of a native client', () => {
  const hosts = ['127.0.0.1', '[::1]', 'localhost'];

  it('Z5 is one of several that are registered, of whatever kind', () => {
    const client = native('https://app.example.com/cb', 'http://127.0.0.1:1/cb', 'com.example.app:/cb');
    expect(isRegisteredRedirectUri(client, 'http://127.0.0.1:2/cb')).toBe(true);
    expect(isRegisteredRedirectUri(client, 'http://127.0.0.1:2/other')).toBe(false);
  });

  it.each(hosts)('Z3 A007 may have any port on %s, or none, whichever was registered', (host) => {
    for (const registered of ['', ':0', ':1', ':51004', ':65535'])
      for (const asked of ['', ':0', ':80', ':9', ':51004', ':65535'])
        expect(
          isRegisteredRedirectUri(
            native(`http://${host}${registered}/cb?a=b`),
            `http://${host}${asked}/cb?a=b`,
          ),
          `${registered} ${asked}`,
        ).toBe(true);
  });

  it.each(hosts)('Z3 A007 differs in nothing else from what was registered on %s', (host) => {
    const client = native(`http://${host}:8080/cb?a=b`);
    for (const rest of [
      '/cb',
      '/cb?a=c',
      '/cb?a=b&',
      '/CB?a=b',
      '/',
      '',
      '/cb/?a=b',
      '/cb?a=b#',
      '/../cb?a=b',
    ])
      expect(isRegisteredRedirectUri(client, `http://${host}:8080${rest}`), rest).toBe(false);
    for (const port of [':', ':65536', ':99999', ':123456', ':8080a', ':-1', ':+80', ': 80', ':80:80'])
      expect(isRegisteredRedirectUri(client, `http://${host}${port}/cb?a=b`), port).toBe(false);
    for (const prefix of ['https://', 'HTTP://', 'http:', 'http:///', ' http://', 'http://a@', 'http://a:b@'])
      expect(isRegisteredRedirectUri(client, `${prefix}${host}:8081/cb?a=b`), prefix).toBe(false);
  });

  it('Z3 A007 has the host that was registered: no loopback address replaces another', () => {
    for (const registered of hosts)
      for (const asked of hosts)
        expect(
          isRegisteredRedirectUri(native(`http://${registered}:1/cb`), `http://${asked}:2/cb`),
          `${registered} ${asked}`,
        ).toBe(registered === asked);
  });

  it.each([
    'http://127.0.0.1.evil.example:8080/cb',
    'http://localhost.evil.example:8080/cb',
    'http://localhostx:8080/cb',
    'http://127.0.0.2:8080/cb',
    'http://127.1:8080/cb',
    'http://2130706433:8080/cb',
    'http://0x7f.1:8080/cb',
    'http://0.0.0.0:8080/cb',
    'http://[::ffff:127.0.0.1]:8080/cb',
    'http://LOCALHOST:8080/cb',
    'http://app.example.com:8080/cb',
  ])('A007 is on no host that is not one of the three: %s', (registered) => {
    const asked = registered.replace(':8080', ':8081');
    expect(isRegisteredRedirectUri(native(registered), registered)).toBe(true);
    expect(isRegisteredRedirectUri(native(registered), asked)).toBe(false);
    expect(
      isRegisteredRedirectUri(native('http://127.0.0.1:8080/cb', 'http://localhost:8080/cb'), asked),
    ).toBe(false);
  });

  it('A007 a path, a query or nothing follows the port', () => {
    for (const rest of ['', '/', '?a', '/cb', '?'])
      expect(
        isRegisteredRedirectUri(native(`http://127.0.0.1${rest}`), `http://127.0.0.1:4${rest}`),
        rest,
      ).toBe(true);
    for (const rest of ['x', '#', '@evil.example/', '.evil.example/', '\\'])
      expect(
        isRegisteredRedirectUri(native(`http://127.0.0.1${rest}`), `http://127.0.0.1:4${rest}`),
        rest,
      ).toBe(false);
  });

  it('a scheme of its own is compared as it is', () => {
    const client = native('com.example.app:/cb');
    expect(isRegisteredRedirectUri(client, 'com.example.app:/cb')).toBe(true);
    for (const uri of [
      'com.example.app:/cb2',
      'com.example.app://cb',
      'COM.example.app:/cb',
      'com.example.app:8080/cb',
    ])
      expect(isRegisteredRedirectUri(client, uri), uri).toBe(false);
  });
});

describe('one that is barred', () => {
  const barred = [
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'javascript:open("https://app.example.com")',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    'ms-settings:x',
    'moz-extension://x/cb',
    'https://app.example.com/cb?code=x',
    'https://app.example.com/cb?a=b&state=x',
    'http://127.0.0.1:8080/cb?iss=x',
    'com.example.app:/cb?error=x',
  ];

  it.each(barred)('A009 is never taken, although it was registered before that was looked at: %s', (uri) => {
    expect(isBarred(uri)).toBe(true);
    expect(isRegisteredRedirectUri(web(uri), uri)).toBe(false);
    expect(isRegisteredRedirectUri(native(uri), uri)).toBe(false);
  });

  it.each([
    'https://app.example.com/cb',
    'http://app.example.com/cb',
    'HTTP://app.example.com/cb',
    'https://app.example.com/code?a=state',
    'com.example.app:/cb',
    'myapp://cb',
    'https://',
    'not a uri',
  ])('is another than %s', (uri) => {
    expect(isBarred(uri)).toBe(false);
  });
});
