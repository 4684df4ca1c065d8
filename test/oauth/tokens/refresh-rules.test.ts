/** Who has refresh tokens, whether they are rotated, and when they end, to the millisecond. RFC 9700 §2.2.2, ASVS V10.4.8 */
import { describe, expect, it } from 'vitest';
import type { Client } from '../../../src/oauth/clients/client.ts';
import { idleEndMs, isRefreshable, isRotated, mayRefresh } from '../../../src/oauth/tokens/refresh-rules.ts';
import { clientWith, grantWith, NOW_MS, WITHOUT } from './refreshed-values.ts';

it('a grant may be refreshed where it has a generation, the first too, and its client the grant type', () => {
  expect(mayRefresh(grantWith(), clientWith({}))).toBe(true);
  expect(mayRefresh(grantWith({ refresh_generation: 0 }), clientWith({}))).toBe(true);
  expect(mayRefresh(grantWith({ refresh_generation: null }), clientWith({}))).toBe(false);
  expect(mayRefresh(grantWith(), WITHOUT)).toBe(false);
});

it.each<[string, Client, boolean]>([
  ['of a public client, whatever was registered', clientWith({ refresh_token_rotation: false }, false), true],
  ['of a confidential client', clientWith({}), true],
  ['where a confidential client registered it', clientWith({ refresh_token_rotation: true }), true],
  ['where it registered the contrary', clientWith({ refresh_token_rotation: false }), false],
  ['of profile fapi2', { ...clientWith({}), profile: 'fapi2' }, false],
])('T10 a refresh token is rotated %s: %#', (_what, client, is) => {
  expect(isRotated(client)).toBe(is);
});

describe('the end of a refresh token', () => {
  it('T11 is in the millisecond in which the grant ends or was idle for too long', () => {
    expect(isRefreshable(grantWith(), NOW_MS)).toBe(true);
    expect(isRefreshable(grantWith({ expires_at: NOW_MS }), NOW_MS)).toBe(false);
    expect(isRefreshable(grantWith({ refresh_idle_expires_at: NOW_MS }), NOW_MS)).toBe(false);
    expect(isRefreshable(grantWith({ refresh_idle_expires_at: null }), NOW_MS)).toBe(false);
  });

  it('A038 is when the grant is revoked, whenever that was', () => {
    for (const revoked_at of [0, NOW_MS, NOW_MS + 9])
      expect(isRefreshable(grantWith({ revoked_at }), NOW_MS)).toBe(false);
  });
});

it('T11 a refresh token that is used now is idle for too long when the idle time that is set has passed', () => {
  const context = (refresh_token_idle_seconds: number) =>
    ({
      clock: { nowMs: () => NOW_MS },
      settings: { refresh_token_idle_seconds },
    }) as unknown as Parameters<typeof idleEndMs>[0];
  expect(idleEndMs(context(60))).toBe(NOW_MS + 60_000);
  expect(idleEndMs(context(1))).toBe(NOW_MS + 1000);
});
