import type { FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import { createCsrf } from '../../src/http/csrf.ts';

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

  test('L11 a form that a node of an older version showed is taken, and is bound to the same', () => {
    const [older = ''] = token.split('.');
    expect(isOwn({}, {}, older)).toBe(true);
    for (const changed of [{ browser: 'browser-2' }, { session: '' }, { purpose: 'consent 2' }])
      expect(isOwn({}, changed, older)).toBe(false);
    for (const given of ['', '.', `${older}.`, `${older}A`, token.slice(older.length + 1)])
      expect(isOwn({}, {}, given)).toBe(false);
  });

  test('L11 parts that run together make another token', () => {
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
