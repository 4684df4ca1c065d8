/** Whose interaction a sign-in is noted in. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { NOTHING_ASKED } from '../../../src/oauth/authorization/authorization-request-types.ts';
import { storeInteraction } from '../../../src/oauth/authorization/interaction.ts';
import { type AccountRequest, account } from '../../../src/oauth/authorization/purposes/account.ts';
import { findDone } from '../../../src/oauth/authorization/stored-done-steps.ts';
import { signedInFor } from '../../../src/oauth/page-models/login.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const source = { address: '192.0.2.1', userAgent: '', requestId: 'noted' };

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

function begin(browser: string | undefined): Promise<string> {
  const request: AccountRequest = { path: '/account', asked: NOTHING_ASKED };
  const wanted = { purpose: account, request, client: undefined };
  return storeInteraction(server.gatehouse, wanted, { browser, source });
}

it.each([
  ['its own browser', 'own', 'own', { login: { sid: 's' } }],
  ['another browser', 'own', 'another', {}],
  ['a browser without the cookie', 'own', undefined, {}],
  ['whoever comes first, where no page showed it yet', undefined, 'own', {}],
] as const)('a sign-in of %s', async (_whose, bound, browser, done) => {
  const interaction = await begin(bound);
  await signedInFor(server.gatehouse, { interaction, browser }, 's');
  expect(await findDone(server.gatehouse.db, interaction)).toEqual(done);
});

it('nothing is stored for an unknown interaction', async () => {
  await signedInFor(server.gatehouse, { interaction: 'nobody knows', browser: 'own' }, 's');
  expect(await findDone(server.gatehouse.db, 'nobody knows')).toEqual({});
});
