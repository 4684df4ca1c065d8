/** What counts as confirmed by the database, where it goes away. */
import { expect, it } from 'vitest';
import { createKeySet } from '../../../src/oauth/keys/key-set.ts';
import { createSignerHere } from '../../../src/oauth/keys/signer.ts';
import { StorageUnavailableError } from '../../../src/storage/database.ts';
import { startServer } from '../../support/server.ts';

it('M13 what a node was told before makes the keys that it read no younger', async () => {
  const { house, clock, stop } = await startServer();
  const state = await house.revision.latest();
  let isAway = false;
  const revision = {
    current: async () => state,
    latest: async () => {
      if (isAway) throw new StorageUnavailableError('away');
      return state;
    },
  };
  const keys = createKeySet({
    ...house,
    revision,
    masterKey: house.settings.masterKey,
    signer: createSignerHere(),
  });
  await keys.published();
  const readAtMs = clock.nowMs();
  isAway = true;
  clock.advance(1000);
  await keys.algorithms();
  await expect(keys.published()).rejects.toThrow('away');
  expect(keys.lastPublished()?.knownAtMs).toBeLessThanOrEqual(readAtMs);
  await stop();
});
