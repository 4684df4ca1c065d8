/** What counts as confirmed by the database, where it goes away. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createSignerHere } from '../../../src/oauth/keys/batched-signer.ts';
import { createKeySet, type KeySet } from '../../../src/oauth/keys/signing-and-published-keys.ts';
import { jwks } from '../../../src/oauth/requests/jwks.ts';
import { StorageUnavailableError } from '../../../src/storage/storage-errors.ts';
import { startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let keys: KeySet;
let isAway: boolean;

beforeEach(async () => {
  server = await startServer();
  const { gatehouse } = server;
  const state = await gatehouse.revision.latest();
  isAway = false;
  const revision = {
    current: async () => state,
    latest: async () => {
      if (isAway) throw new StorageUnavailableError('away');
      return state;
    },
  };
  const { masterKey } = gatehouse.settings;
  keys = createKeySet({ ...gatehouse, revision, masterKey, signer: createSignerHere() });
  await keys.published();
});
afterEach(() => server.stop());

it('M13 keys that are used without asking the database do not count as read again', async () => {
  const readAtMs = server.clock.nowMs();
  isAway = true;
  server.clock.advance(1000);
  await keys.algorithms();
  await expect(keys.published()).rejects.toThrow('away');
  expect(keys.lastPublished()?.knownAtMs).toBeLessThanOrEqual(readAtMs);
});

it('M13 keys that were read before the clock was set back are published no longer', async () => {
  isAway = true;
  server.clock.advance(1000);
  const { body } = await jwks({ ...server.gatehouse, keys });
  expect(body.maxAgeSeconds).toBeLessThanOrEqual(server.gatehouse.settings.jwks_max_age_seconds);
  server.clock.advance(-7_200_000);
  await expect(jwks({ ...server.gatehouse, keys })).rejects.toThrow('away');
});
