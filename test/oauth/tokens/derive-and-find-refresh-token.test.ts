/** What a refresh token is made of, and how its grant is found by it. RFC 9700 §2.2.2 */
import { describe, expect, it } from 'vitest';
import {
  findRefreshToken,
  firstRefreshState,
  refreshTokenOf,
} from '../../../src/oauth/tokens/derive-and-find-refresh-token.ts';
import type { Database } from '../../../src/storage/database.ts';
import type { GrantRow } from '../../../src/storage/tables/grants.ts';
import { clientWith, GRANT_ID, grantWith, NOW_MS, WITHOUT } from './refreshed-values.ts';

type Context = Parameters<typeof findRefreshToken>[0] & Parameters<typeof firstRefreshState>[0];

const contextWith = (key: number) =>
  ({
    clock: { nowMs: () => NOW_MS },
    settings: { refresh_token_idle_seconds: 60 },
    random: { bytes: (count: number) => Buffer.alloc(count, 9) },
    refreshTokenKey: Buffer.alloc(32, key),
    db: {} as Database,
  }) as unknown as Context;

const context = contextWith(1);

describe('a new grant', () => {
  it('T10 begins with generation 0, a salt of 128 random bits and the idle time that is set', () => {
    expect(firstRefreshState(context, clientWith({}))).toEqual({
      refresh_generation: 0,
      refresh_salt: Buffer.alloc(16, 9).toString('base64url'),
      refreshed_at: null,
      refresh_idle_expires_at: NOW_MS + 60_000,
    });
  });

  it('has none of it where the client may not refresh', () => {
    expect(firstRefreshState(context, WITHOUT)).toEqual({
      refresh_generation: null,
      refresh_salt: null,
      refreshed_at: null,
      refresh_idle_expires_at: null,
    });
  });
});

describe('a refresh token', () => {
  const found = async (token: string, row: GrantRow | undefined = grantWith(), of = context) => {
    const asked: string[] = [];
    const read = async (_db: unknown, grantId: string) => {
      asked.push(grantId);
      return row;
    };
    return { presented: await findRefreshToken(of, token, read), asked };
  };
  const token = refreshTokenOf(context, grantWith(), 3);
  const [, , mac = ''] = token.split('.');

  it('A028 is grant, generation and a MAC of both, of the salt and the key', () => {
    expect(token).toMatch(new RegExp(`^${GRANT_ID}\\.3\\.[A-Za-z0-9_-]{43}$`));
    const macs = [
      token,
      refreshTokenOf(context, grantWith(), 2),
      refreshTokenOf(context, grantWith({ refresh_salt: 'other' }), 3),
      refreshTokenOf(context, grantWith({ refresh_salt: null }), 3),
      refreshTokenOf(context, grantWith({ grant_id: `1${GRANT_ID.slice(1)}` }), 3),
      refreshTokenOf(contextWith(2), grantWith(), 3),
    ].map((each) => each.split('.')[2]);
    expect(new Set(macs).size).toBe(macs.length);
    expect(refreshTokenOf(context, grantWith({ refresh_salt: null }), 3)).toBe(
      refreshTokenOf(context, grantWith({ refresh_salt: '' }), 3),
    );
  });

  it.each([0, 3, 9, 10, 123_456_789, 999_999_999])('is found with its generation %i', async (generation) => {
    const of = refreshTokenOf(context, grantWith(), generation);
    const { presented, asked } = await found(of);
    expect(presented).toEqual({ grant: grantWith(), generation });
    expect(asked).toEqual([GRANT_ID]);
  });

  it('A028 is not found where the grant is gone, has none, or the key or salt is another', async () => {
    expect(await findRefreshToken(context, token, async () => undefined)).toBeUndefined();
    expect((await found(token, grantWith({ refresh_generation: null }))).presented).toBeUndefined();
    expect((await found(token, grantWith({ refresh_salt: 'other' }))).presented).toBeUndefined();
    expect((await found(token, grantWith(), contextWith(2))).presented).toBeUndefined();
  });

  it('A028 of another MAC or generation is not found', async () => {
    const changed = `${mac.slice(0, -1)}${mac.endsWith('A') ? 'E' : 'A'}`;
    for (const other of [`${GRANT_ID}.3.${changed}`, `${GRANT_ID}.2.${mac}`, `${GRANT_ID}.4.${mac}`])
      expect((await found(other)).presented, other).toBeUndefined();
  });

  it.each([
    '',
    'x',
    GRANT_ID,
    `x${GRANT_ID}.3.${mac}`,
    `${GRANT_ID.slice(1)}.3.${mac}`,
    `${GRANT_ID}x.3.${mac}`,
    `w${GRANT_ID.slice(1)}.3.${mac}`,
    `${GRANT_ID.slice(0, -1)}!.3.${mac}`,
    `${GRANT_ID}.03.${mac}`,
    `${GRANT_ID}.-3.${mac}`,
    `${GRANT_ID}.3a.${mac}`,
    `${GRANT_ID}..${mac}`,
    `${GRANT_ID}.1234567890.${mac}`,
    `${GRANT_ID}.3.${mac}A`,
    `${GRANT_ID}.3.${mac.slice(1)}`,
    `${GRANT_ID}.3.${mac.slice(1)}!`,
    `${GRANT_ID}.3.${mac}.`,
    `${GRANT_ID}-3.${mac}`,
    `${GRANT_ID}.3-${mac}`,
    ` ${GRANT_ID}.3.${mac}`,
    `${GRANT_ID}.3.${mac}\n`,
  ])('A028 of another form is no reason to ask the storage: %j', async (other) => {
    expect(await found(other)).toEqual({ presented: undefined, asked: [] });
  });
});
