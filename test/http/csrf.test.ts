import type { FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import { createCsrf } from '../../src/http/csrf.ts';
import { deriveKey } from '../../src/lib/derive-key.ts';
import { hmacSha256 } from '../../src/lib/sha256-and-hmac.ts';

const csrf = createCsrf({ masterKey: Buffer.alloc(32, 7), issuer: 'https://id.example.com/tenant' });
const binding = { browser: 'browser-1', session: 'session-1', purpose: 'consent 1' };
const token = csrf.tokenFor(binding);

function isOwn(
  headers: Record<string, string>,
  changed: Partial<typeof binding> = {},
  given = token,
): boolean {
  return csrf.isOwn({ headers } as unknown as FastifyRequest, given, { ...binding, ...changed });
}

describe('the token of a form', () => {
  test('L11 belongs to one browser, one session and one purpose', () => {
    expect(isOwn({})).toBe(true);
    expect(isOwn({}, { browser: 'browser-2' })).toBe(false);
    expect(isOwn({}, { session: 'session-2' })).toBe(false);
    expect(isOwn({}, { session: '' })).toBe(false);
    expect(isOwn({}, { purpose: 'consent 2' })).toBe(false);
    expect(isOwn({}, {}, '')).toBe(false);
    expect(isOwn({}, {}, `${token}A`)).toBe(false);
  });

  test('L11 a form of a node of an older version is accepted, with the same binding', () => {
    const [older = ''] = token.split('.');
    expect(isOwn({}, {}, older)).toBe(true);
    for (const changed of [{ browser: 'browser-2' }, { session: '' }, { purpose: 'consent 2' }])
      expect(isOwn({}, changed, older)).toBe(false);
    for (const given of ['', '.', `${older}.`, `${older}A`, token.slice(older.length + 1)])
      expect(isOwn({}, {}, given)).toBe(false);
  });

  test('L11 the boundaries between the bound values are part of the token', () => {
    const shifted = { ...binding, browser: 'browser-1s', session: 'ession-1' };
    expect(csrf.tokenFor(shifted)).not.toBe(token);
  });

  test('L11 another server with another master key makes another token', () => {
    const other = createCsrf({ masterKey: Buffer.alloc(32, 8), issuer: 'https://id.example.com/tenant' });
    expect(other.tokenFor(binding)).not.toBe(token);
  });

  test('A058 the origin must be ours, and null is not', () => {
    expect(isOwn({ origin: 'https://id.example.com' })).toBe(true);
    for (const origin of [
      'null',
      'https://evil.example',
      'http://id.example.com',
      'https://id.example.com:444',
    ]) {
      expect(isOwn({ origin })).toBe(false);
    }
  });

  test('A058 Sec-Fetch-Site must be same-origin or none', () => {
    expect(isOwn({ 'sec-fetch-site': 'same-origin' })).toBe(true);
    expect(isOwn({ 'sec-fetch-site': 'none' })).toBe(true);
    // A proxy added Referrer-Policy: no-referrer.
    expect(isOwn({ origin: 'null', 'sec-fetch-site': 'same-origin' })).toBe(true);
    for (const site of [undefined, 'none', 'cross-site', 'same-site'])
      expect(isOwn({ origin: 'null', ...(site && { 'sec-fetch-site': site }) })).toBe(false);
    for (const site of ['cross-site', 'same-site', 'bogus'])
      expect(isOwn({ 'sec-fetch-site': site })).toBe(false);
  });
});

const requestWith = (headers: Record<string, string>) => ({ headers }) as unknown as FastifyRequest;
const OWN = 'https://id.example.com';

describe("the browser's headers", () => {
  test('A058 a POST is from our own page where Origin is sent and is ours', () => {
    expect(csrf.isFromOwnPage(requestWith({ origin: OWN }))).toBe(true);
    expect(csrf.isFromOwnPage(requestWith({}))).toBe(false);
    expect(csrf.isFromOwnPage(requestWith({ 'sec-fetch-site': 'same-origin' }))).toBe(false);
    expect(csrf.isFromOwnPage(requestWith({ origin: 'https://evil.example' }))).toBe(false);
    expect(csrf.isFromOwnPage(requestWith({ origin: OWN, 'sec-fetch-site': 'cross-site' }))).toBe(false);
  });

  test('a page that was opened at another address of this server names it', () => {
    const at = (origin: string | undefined, host: string) =>
      csrf.otherAddress(requestWith({ host, ...(origin !== undefined && { origin }) }));
    expect(at('https://192.0.2.1:8443', '192.0.2.1:8443')).toBe('https://192.0.2.1:8443');
    expect(at(OWN, 'id.example.com')).toBeUndefined();
    expect(at('https://evil.example', 'id.example.com')).toBeUndefined();
    expect(at('https://192.0.2.1:8443', '192.0.2.1')).toBeUndefined();
    expect(at(undefined, '192.0.2.1')).toBeUndefined();
    expect(at('null', 'null')).toBeUndefined();
  });
});

describe('a form of another session of the browser', () => {
  const isOther = (
    headers: Record<string, string>,
    changed: Partial<typeof binding> = {},
    given: string | undefined = token,
  ) => csrf.isOfOtherSession(requestWith(headers), given, { ...binding, ...changed });

  test('L11 is recognized by its second part, which is bound only to browser and purpose', () => {
    expect(isOther({}, { session: 'session-2' })).toBe(true);
    expect(isOther({}, { session: '' })).toBe(true);
    expect(isOther({}, { session: 'session-2', browser: 'browser-2' })).toBe(false);
    expect(isOther({}, { session: 'session-2', purpose: 'consent 2' })).toBe(false);
  });

  test('L11 is not recognized without that part, or from another origin', () => {
    const [first = '', second = ''] = token.split('.');
    for (const given of [first, '', `${first}.`, second, `${first}.${second}A`, `${second}.${first}`])
      expect(isOther({}, { session: '' }, given), given).toBe(false);
    expect(csrf.isOfOtherSession(requestWith({}), undefined, binding)).toBe(false);
    expect(isOther({ origin: 'https://evil.example' }, { session: '' })).toBe(false);
    expect(isOther({ 'sec-fetch-site': 'cross-site' }, { session: '' })).toBe(false);
  });
});

test('L11 without a token no form is ours', () => {
  expect(csrf.isOwn(requestWith({}), undefined, binding)).toBe(false);
  expect(csrf.isOwn(requestWith({ origin: 'https://evil.example' }), token, binding)).toBe(false);
});

test('L11 the two parts of a token have different keys, neither of them the master key', () => {
  const withoutSession = { ...binding, session: '' };
  const [first = '', second = ''] = csrf.tokenFor(withoutSession).split('.');
  expect(first).not.toBe(second);
  const masterKey = Buffer.alloc(32, 7);
  for (const key of [masterKey, deriveKey(masterKey, '')]) {
    expect(first).not.toBe(hmacSha256(key, binding.browser, '', binding.purpose));
    expect(second).not.toBe(hmacSha256(key, binding.browser, binding.purpose));
  }
});
