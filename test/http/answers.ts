import { expect } from 'vitest';
import type { Answer } from '../support/flow.ts';

/** What every answer must carry, whatever it is. */
export function expectCommonHeaders({ headers }: Answer): void {
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-frame-options')).toBe('DENY');
  expect(headers.get('referrer-policy')).toBe('same-origin');
  expect(headers.get('content-security-policy')).toMatch(/default-src 'none';.*frame-ancestors 'none'/);
  expect(headers.get('x-request-id')).toMatch(/^[A-Za-z0-9_-]{23}$/);
  expect(headers.get('cross-origin-opener-policy')).toBeNull();
  expect(headers.get('strict-transport-security')).toBeNull();
}

export function expectError(answer: Answer, status: number, error: string): void {
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.body.error).toBe(error);
  expect(answer.body.error_description).toMatch(/^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/);
  expectCommonHeaders(answer);
}
