/** Which secrets of a client are handed out. */
import { expect, it } from 'vitest';
import { createClientSecrets } from '../../../src/oauth/clients/client-secrets.ts';

const rows = [
  { secret_hash: 'ended', expires_at: 999 },
  { secret_hash: 'ending', expires_at: 1001 },
  { secret_hash: 'kept', expires_at: null },
];

it('those that have not ended are, until the millisecond of their end', () => {
  const secrets = createClientSecrets(rows);
  expect(secrets.live(998)).toEqual(['ended', 'ending', 'kept']);
  expect(secrets.live(1000)).toEqual(['ending', 'kept']);
  expect(secrets.live(1001)).toEqual(['kept']);
  expect(createClientSecrets([]).live(0)).toEqual([]);
});

it('all of them are told apart as JSON, by which clients are compared', () => {
  const textOf = (stored: typeof rows) => JSON.stringify(createClientSecrets(stored));
  expect(textOf(rows)).toBe(textOf([...rows]));
  expect(textOf(rows)).not.toBe(textOf(rows.slice(1)));
  expect(textOf(rows)).not.toBe(textOf(rows.map((row) => ({ ...row, expires_at: null }))));
});
