/** A client that has its answers signed with an algorithm has a key of it from the transaction on that registers it. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isRefusal, PASSED } from '../../../src/lib/outcome.ts';
import type { SigningAlgorithm } from '../../../src/oauth/keys/make-and-verify-signatures.ts';
import { prepareKeys, provideKeys } from '../../../src/oauth/keys/provide-signing-keys-for-client.ts';
import { listKeyRows } from '../../../src/storage/tables/keys.ts';
import { startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startServer();
  server.clock.hold();
});
afterEach(() => server.stop());

const countOf = async (alg: string) =>
  (await listKeyRows(server.gatehouse.db)).filter((row) => row.alg === alg).length;
const prepare = (...algorithms: SigningAlgorithm[]) => prepareKeys(server.gatehouse, algorithms);
const provide = (algorithms: readonly SigningAlgorithm[], prepared: Awaited<ReturnType<typeof prepare>>) =>
  server.gatehouse.db.write((tx) => provideKeys(server.gatehouse, tx, algorithms, prepared));

it('one is made beforehand where there is none, and stored with the client', async () => {
  const made = await prepare('EdDSA', 'ES256');
  expect(made.map(({ alg }) => alg)).toEqual(['EdDSA']);
  expect(await countOf('EdDSA')).toBe(0);
  expect(await provide(['EdDSA', 'ES256'], made)).toBe(PASSED);
  expect(await countOf('EdDSA')).toBe(1);
  expect(await prepare('EdDSA')).toEqual([]);
});

it('two that were made at once for two clients become one key', async () => {
  const [first, second] = [await prepare('EdDSA'), await prepare('EdDSA')];
  expect(await provide(['EdDSA'], first)).toBe(PASSED);
  expect(await provide(['EdDSA'], second)).toBe(PASSED);
  expect(await countOf('EdDSA')).toBe(1);
});

it('without one it is refused, with what there is', async () => {
  const refused = await provide(['EdDSA'], []);
  expect(isRefusal(refused) && refused.reason).toBe('no_signing_key');
  expect(isRefusal(refused) && refused.description).toMatch(/EdDSA here; .* may be ES256 or RS256$/);
  expect(await provide([], [])).toBe(PASSED);
});

it('a key that was about to go stays, and no other is made', async () => {
  await provide(['EdDSA'], await prepare('EdDSA'));
  const { gatehouse, clock } = server;
  await gatehouse.db.write((tx) =>
    tx.run(
      'UPDATE keys SET retires_at = $1, removed_at = $2 WHERE alg = $3',
      clock.nowMs() + 1000,
      clock.nowMs() + 5000,
      'EdDSA',
    ),
  );
  expect(await prepare('EdDSA')).toEqual([]);
  expect(await provide(['EdDSA'], [])).toBe(PASSED);
  const [row] = (await listKeyRows(gatehouse.db)).filter(({ alg }) => alg === 'EdDSA');
  expect(row).toMatchObject({ retires_at: null, removed_at: null });
});
