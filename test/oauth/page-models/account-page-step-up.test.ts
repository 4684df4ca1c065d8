/** What a page of the account wants of who sees it: met, or the page that comes first. ASVS V7.5.3 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StartedSession } from '../../../src/identity/sessions/start-or-renew-session.ts';
import { readInteraction } from '../../../src/oauth/authorization/interaction.ts';
import { checkPageNeeds, type PageNeeds } from '../../../src/oauth/page-models/account-page-step-up.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { newPerson, signIn, source } from '../authorization/signed-in.ts';

let server: TestServer;
let alice: StartedSession;
beforeAll(async () => {
  server = await startServer();
  server.clock.hold();
  alice = await signIn(server, await newPerson(server, 'alice'));
});
afterAll(() => server.stop());

const check = (needs: PageNeeds, session: string | undefined = alice.cookieValue) =>
  checkPageNeeds(server.gatehouse, { path: '/account/password', needs, source, session, browser: 'b' });

it('who signed in just now meets a page that wants no more', async () => {
  expect(await check({ maxAgeSeconds: 300 })).toBe('passed');
  expect(await check({ acr: ['urn:gatehouse:acr:pwd'] })).toBe('passed');
});

it('who is not signed in comes to the sign-in first, from which they come back', async () => {
  const before = await check({ maxAgeSeconds: 300 }, 'unknown');
  if (before === 'passed') throw new Error('passed');
  expect(before).toMatchObject({ kind: 'page', page: 'login', client_id: undefined });
  const stored = await readInteraction(server.gatehouse, before.interaction, 'b');
  expect(stored.request).toMatchObject({ path: '/account/password' });
  expect(stored.client).toBeUndefined();
});

it('a sign-in is fresh enough until the second in which it is too old', async () => {
  const needs = { maxAgeSeconds: 300 };
  const { session, cookieValue } = await signIn(server, alice.session.sub);
  server.clock.advance(Math.floor(session.authTimeMs / 1000) * 1000 + 299_999 - session.authTimeMs);
  expect(await check(needs, cookieValue)).toBe('passed');
  server.clock.advance(1);
  expect(await check(needs, cookieValue)).toMatchObject({ kind: 'page', page: 'login' });
});

it('who cannot reach what it wants signs in once more, as another way may', async () => {
  expect(await check({ acr: ['urn:example:strong'] })).toMatchObject({ kind: 'page', page: 'login' });
});
