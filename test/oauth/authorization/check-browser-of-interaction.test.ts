/** The browser that an interaction is bound to is known by its cookie alone. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sha256 } from '../../../src/lib/sha256-and-hmac.ts';
import { NOTHING_ASKED } from '../../../src/oauth/authorization/authorization-request-types.ts';
import { isBoundTo, isInteractionOf } from '../../../src/oauth/authorization/check-browser-of-interaction.ts';
import { storeInteraction } from '../../../src/oauth/authorization/interaction.ts';
import { type AccountRequest, account } from '../../../src/oauth/authorization/purposes/account.ts';
import type { InteractionRow } from '../../../src/storage/tables/interactions.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { source } from './signed-in.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const store = (browser: string | undefined) => {
  const request: AccountRequest = { path: '/account', asked: NOTHING_ASKED };
  return storeInteraction(
    server.gatehouse,
    { purpose: account, request, client: undefined },
    { browser, source },
  );
};
const isOf = (id: string, browser: string | undefined) => isInteractionOf(server.gatehouse.db, id, browser);

it('A056 an interaction belongs to the browser that sends its cookie, and to no other', async () => {
  const id = await store('cookie');
  expect(await isOf(id, 'cookie')).toBe(true);
  for (const browser of ['Cookie', 'cookie ', 'cooki', '', sha256('cookie'), undefined])
    expect(await isOf(id, browser), browser).toBe(false);
});

it('an interaction that no browser claimed, or that does not exist, belongs to no browser', async () => {
  const id = await store(undefined);
  for (const browser of ['cookie', '', undefined]) expect(await isOf(id, browser), browser).toBe(false);
  expect(await isOf('unknown', 'cookie')).toBe(false);
});

it('the row stores a hash of the cookie: the stored value is not accepted as the cookie', () => {
  const row = { browser_hash: sha256('cookie') } as InteractionRow;
  expect(isBoundTo(row, 'cookie')).toBe(true);
  expect(isBoundTo({ ...row, browser_hash: 'cookie' }, 'cookie')).toBe(false);
  expect(isBoundTo({ ...row, browser_hash: null }, 'cookie')).toBe(false);
});
