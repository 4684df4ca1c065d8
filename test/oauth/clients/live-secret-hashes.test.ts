/** A secret that was rotated away is handed out to nobody. RFC 7591 §3.2.1 client_secret_expires_at */
import { expect, it } from 'vitest';
import { createClientSecrets } from '../../../src/oauth/clients/live-secret-hashes.ts';

const NOW_MS = 1_800_000_000_000;

it('gives those that have no end, or one that is later', () => {
  const secrets = createClientSecrets([
    { secret_hash: 'lasting', expires_at: null },
    { secret_hash: 'ending', expires_at: NOW_MS + 1 },
    { secret_hash: 'ended', expires_at: NOW_MS },
  ]);
  expect(secrets.live(NOW_MS)).toEqual(['lasting', 'ending']);
  expect(secrets.live(NOW_MS + 1)).toEqual(['lasting']);
  expect(createClientSecrets([]).live(NOW_MS)).toEqual([]);
});

it('compares by all of them: a client whose ended secret is gone is another', () => {
  const text = (...ends: (number | null)[]) =>
    JSON.stringify(createClientSecrets(ends.map((expires_at) => ({ secret_hash: 'x', expires_at }))));
  expect(text(null)).toBe(text(null));
  expect(text(null)).not.toBe(text(null, NOW_MS));
  expect(text(NOW_MS)).not.toBe(text(NOW_MS + 1));
});
