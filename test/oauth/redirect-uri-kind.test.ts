/** What a redirect URI says of where it leads: to the web, or to any app on the device. RFC 8252 §7, §8.6 */
import { describe, expect, it } from 'vitest';
import {
  assuresIdentity,
  hostOfRedirectUri,
  isOnDevice,
  isWebProtocol,
  LOOPBACK,
} from '../../src/oauth/redirect-uri-kind.ts';

describe('what a redirect URI shows', () => {
  it.each([
    ['https://app.example.com/cb', 'app.example.com'],
    ['https://app.example.com:8443/cb', 'app.example.com:8443'],
    ['http://127.0.0.1:8080/cb', '127.0.0.1:8080'],
    ['http://[::1]:8080/cb', '[::1]:8080'],
    ['com.example.app:/cb', 'com.example.app'],
    ['https://app.test:8443/cb', 'app.test:8443'],
    ['com.example.app://victim.example/cb', 'com.example.app'],
    ['myapp://evil.example/cb', 'myapp'],
    ['shttp://evil.example/cb', 'shttp'],
    ['https.app://evil.example/cb', 'https.app'],
  ])('%s sends a person back to %s', (uri, host) => {
    expect(hostOfRedirectUri(uri)).toBe(host);
  });

  it('Z30 https alone assures who the client is (RFC 8252 §8.6)', () => {
    expect(assuresIdentity('https://app.example.com/cb')).toBe(true);
    for (const uri of [
      'http://app.example.com/cb',
      'http://127.0.0.1/cb',
      'com.example.app:/cb',
      'httpsx://a/',
    ])
      expect(assuresIdentity(uri), uri).toBe(false);
  });

  it.each([
    ['http://127.0.0.1/cb', true],
    ['http://127.0.0.1:8080/cb', true],
    ['http://[::1]:8080', true],
    ['http://localhost/cb', true],
    ['com.example.app:/cb', true],
    ['myapp://cb', true],
    ['myapp://cb?of=https://app.example.com', true],
    ['https://app.example.com/cb?of=http://localhost/', false],
    ['https://app.example.com/cb', false],
    ['https://127.0.0.1/cb', false],
    ['http://app.example.com/cb', false],
    ['HTTP://app.example.com/cb', false],
    ['http://localhost.evil.example/cb', false],
    ['not a uri', false],
  ])('%s is on the device of the person: %s', (uri, isOn) => {
    expect(isOnDevice(uri)).toBe(isOn);
  });
});

it('http and https are of the web, in the spelling of a parsed URL', () => {
  for (const uri of ['http://a/', 'HTTPS://a/', 'https:a'])
    expect(isWebProtocol(new URL(uri).protocol), uri).toBe(true);
  for (const protocol of ['https', 'http', 'HTTPS:', 'shttp:', 'https.app:', 'com.example.app:', 'ws:', ''])
    expect(isWebProtocol(protocol), protocol).toBe(false);
});

it('Z5 of a loopback URI the port is known apart from the host, with its colon', () => {
  const parts = (uri: string) => {
    const match = LOOPBACK.exec(uri);
    return match && [match[0], match.groups?.port];
  };
  expect(parts('http://[::1]:8080/cb?a=b')).toEqual(['http://[::1]:8080', ':8080']);
  expect(parts('http://localhost?a')).toEqual(['http://localhost', undefined]);
  for (const uri of ['http://127.0.0.1:/cb', 'http://127.0.0.1:123456/cb', 'http://localhost:80@a.example/'])
    expect(parts(uri), uri).toBeNull();
});
