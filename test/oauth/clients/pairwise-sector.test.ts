import { expect, it } from 'vitest';
import { sectorOf } from '../../../src/oauth/clients/pairwise-sector.ts';

const of = (...redirect_uris: string[]) => sectorOf({ redirect_uris });

it('OpenID Connect Core §8.1 is the one host of all redirect URIs', () => {
  expect(of('https://app.example.com/a', 'https://app.example.com:8443/b?c')).toBe('app.example.com');
  expect(of('https://APP.example.com/a', 'https://app.example.com/a')).toBe('app.example.com');
  expect(of('http://localhost:3000/cb')).toBe('localhost');
});

it('is none where there are several hosts, no redirect, or one that is nobody’s address', () => {
  expect(of('https://a.example/', 'https://b.example/')).toBeUndefined();
  expect(of('https://a.example/', 'https://www.a.example/')).toBeUndefined();
  expect(of()).toBeUndefined();
  expect(of('com.example.app:/cb')).toBeUndefined();
  expect(of('https://a.example/', 'com.example.app:/cb')).toBeUndefined();
});

it('is the host of sector_identifier_uri where there is one, whatever the redirects are', () => {
  const sector_identifier_uri = 'https://sector.example/list.json';
  for (const redirect_uris of [[], ['https://a.example/', 'https://b.example/'], ['com.example.app:/cb']])
    expect(sectorOf({ redirect_uris, sector_identifier_uri })).toBe('sector.example');
});
