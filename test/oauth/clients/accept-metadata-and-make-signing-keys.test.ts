/** Metadata that were found good, and the keys that have to be there for them. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isRefusal, PASSED } from '../../../src/lib/outcome.ts';
import { accept, provideFor } from '../../../src/oauth/clients/accept-metadata-and-make-signing-keys.ts';
import { CALLBACK } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { operatorsRules } from './client-value.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const metadata = { client_name: 'App', redirect_uris: [CALLBACK] };
async function accepted(more: Record<string, unknown> = {}, selfRegistered = false) {
  const rules = { ...operatorsRules, selfRegistered };
  const outcome = await accept(server.gatehouse, { ...metadata, ...more }, rules);
  if (isRefusal(outcome)) throw new Error(outcome.description);
  return outcome;
}
const provide = (of: Awaited<ReturnType<typeof accepted>>) =>
  server.gatehouse.db.write((tx) => provideFor(server.gatehouse, tx, of));

it('metadata that are not good are refused before a key is made', async () => {
  const refused = await accept(server.gatehouse, { ...metadata, redirect_uris: ['x'] }, operatorsRules);
  expect(refused).toMatchObject({ refused: true, reason: 'refused_redirect_uri' });
});

it('what is signed with the keys that are there always needs none', async () => {
  const one = await accepted({ id_token_signed_response_alg: 'ES256' });
  expect(one.newKeys).toEqual([]);
  expect(await provide(one)).toBe(PASSED);
});

it('a client that registers itself makes no key: it gets what is listed', async () => {
  const own = await accepted({ id_token_signed_response_alg: 'EdDSA' }, true);
  expect(own.newKeys).toEqual([]);
  expect(await provide(own)).toMatchObject({ refused: true, reason: 'no_signing_key' });
});

it('the operator’s client gets its key, stored with it, and the next one needs none', async () => {
  const one = await accepted({ id_token_signed_response_alg: 'EdDSA' });
  expect(one.newKeys.map(({ alg }) => alg)).toEqual(['EdDSA']);
  expect(await provide(one)).toBe(PASSED);
  expect((await server.gatehouse.keys.algorithms()).length).toBeGreaterThan(0);
  expect((await accepted({ userinfo_signed_response_alg: 'EdDSA' })).newKeys).toEqual([]);
  expect(await provide(await accepted({ id_token_signed_response_alg: 'EdDSA' }, true))).toBe(PASSED);
});
