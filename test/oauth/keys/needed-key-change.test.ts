/** What the keys of an algorithm need at one moment. Decision 0031 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Settings } from '../../../src/config/settings-schema.ts';
import { isUsed, keyNeed, publishedAheadMs, withinReach } from '../../../src/oauth/keys/needed-key-change.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { keyRow } from './key-row.ts';

const NOW = 1_000_000_000_000;
const DAY_MS = 86_400_000;
const settings = { jwks_max_age_seconds: 300, key_rotation_days: 90 } as Settings;
const context = { settings, clock: { nowMs: () => NOW } };
const AHEAD_MS = publishedAheadMs(context);

it('M13 a new key is published for as long as a cache may keep the set, and until every node has it', () => {
  expect(AHEAD_MS).toBe(300_600);
});

describe('of an algorithm that is used', () => {
  it('without a key one is made that signs now', () => {
    expect(keyNeed(context, [], true)).toEqual({ kind: 'make', activates_at: NOW });
  });

  it('one is made when the key’s time is near, to begin at its end, and not before', () => {
    const signs = (activates_at: number) => [keyRow('a', { activates_at })];
    const due = NOW - 90 * DAY_MS;
    expect(keyNeed(context, signs(due + 2 * AHEAD_MS + 1), true)).toBeUndefined();
    expect(keyNeed(context, signs(due + 2 * AHEAD_MS), true)).toEqual({
      kind: 'make',
      activates_at: NOW + 2 * AHEAD_MS,
    });
    expect(keyNeed(context, signs(due), true)).toEqual({ kind: 'make', activates_at: NOW + AHEAD_MS });
  });

  it('none is made where one waits', () => {
    const rows = [
      keyRow('a', { activates_at: NOW - 90 * DAY_MS, retires_at: NOW + AHEAD_MS }),
      keyRow('b', { activates_at: NOW + AHEAD_MS }),
    ];
    expect(keyNeed(context, rows, true)).toBeUndefined();
  });

  it('one that was to retire goes on, where nothing succeeds it', () => {
    const leaving = keyRow('a', { activates_at: NOW - 1, retires_at: NOW + 1000, removed_at: NOW + 5000 });
    expect(keyNeed(context, [leaving], true)).toEqual({ kind: 'resume', key: leaving });
    const erased = { ...leaving, private_sealed: '' };
    expect(keyNeed(context, [erased], true)).toEqual({ kind: 'make', activates_at: NOW });
  });

  it('an older one without an end is given one', () => {
    const rows = [keyRow('a', { activates_at: NOW - 2000 }), keyRow('b', { activates_at: NOW - 1000 })];
    expect(keyNeed(context, rows, true)).toEqual({ kind: 'succeed' });
  });
});

it('of one that nothing uses, the keys retire, once', () => {
  expect(keyNeed(context, [keyRow('a')], false)).toEqual({ kind: 'retire' });
  expect(keyNeed(context, [keyRow('a', { retires_at: NOW + 1 })], false)).toBeUndefined();
  expect(keyNeed(context, [], false)).toBeUndefined();
});

it('a key that is planned for later than any successor was dated by another clock: nobody decides of it', () => {
  const reach = NOW + 2 * AHEAD_MS;
  const rows = [keyRow('near', { activates_at: reach }), keyRow('far', { activates_at: NOW + DAY_MS })];
  expect(withinReach(context, rows).map(({ kid }) => kid)).toEqual(['near']);
  expect(keyNeed(context, [keyRow('far', { activates_at: NOW + DAY_MS })], false)).toBeUndefined();
});

describe('an algorithm is used', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ environment: { GATEHOUSE_FURTHER_SIGNING_ALGORITHMS: 'PS256' } });
  });
  afterAll(() => server.stop());

  it('by every reader, by the settings, or by a client', async () => {
    const { db, settings: own } = server.gatehouse;
    const used = (alg: 'ES256' | 'RS256' | 'PS256' | 'EdDSA') => isUsed(db, own, alg);
    expect([await used('ES256'), await used('RS256'), await used('PS256')]).toEqual([true, true, true]);
    expect(await used('EdDSA')).toBe(false);
    await server.client({ redirect_uris: ['https://a.example/'], id_token_signed_response_alg: 'EdDSA' });
    expect(await used('EdDSA')).toBe(true);
  });
});
