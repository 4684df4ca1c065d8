/** What an operator is told of the signing keys. RFC 7517 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listKeys, listUsedAlgorithms } from '../../../src/oauth/keys/list-keys.ts';
import { rotateKeys } from '../../../src/oauth/keys/rotate-and-revoke-keys.ts';
import { insertKey } from '../../../src/storage/tables/keys.ts';
import { CALLBACK } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { keyRow } from './key-row.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const statesOf = async (wanted: string) =>
  (await listKeys(server.gatehouse)).filter(({ alg }) => alg === wanted).map(({ state }) => state);

it('M13 each published key is there with its state among those of its algorithm', async () => {
  expect(await statesOf('ES256')).toEqual(['current']);
  await rotateKeys(server.gatehouse);
  for (const alg of ['ES256', 'RS256']) expect(await statesOf(alg), alg).toEqual(['current', 'next']);
  server.clock.advance(server.gatehouse.settings.jwks_max_age_seconds * 1000 + 1000);
  for (const alg of ['ES256', 'RS256']) expect(await statesOf(alg), alg).toEqual(['retired', 'current']);
});

it('one that is published no more is not there', async () => {
  const nowMs = server.clock.nowMs();
  const gone = keyRow('gone', { created_at: nowMs - 9, retires_at: nowMs - 2, removed_at: nowMs - 1 });
  const leaving = { ...gone, kid: 'leaving', removed_at: nowMs + 60_000 };
  await server.gatehouse.db.write(async (tx) => {
    for (const row of [gone, leaving]) await insertKey(tx, row);
  });
  const kids = (await listKeys(server.gatehouse)).map(({ kid }) => kid);
  expect(kids).toContain('leaving');
  expect(kids).not.toContain('gone');
});

it('M12 nothing of the key itself is told', async () => {
  const told = ['activates_at', 'alg', 'created_at', 'kid', 'removed_at', 'retires_at', 'state'];
  for (const key of await listKeys(server.gatehouse)) expect(Object.keys(key).toSorted()).toEqual(told);
});

it('the algorithms in use are those of every reader, and what a client has', async () => {
  const used = async () => (await listUsedAlgorithms(server.gatehouse)).toSorted();
  expect(await used()).toEqual(['ES256', 'RS256']);
  await server.client({ redirect_uris: [CALLBACK], id_token_signed_response_alg: 'EdDSA' });
  expect(await used()).toEqual(['ES256', 'EdDSA', 'RS256']);
});
