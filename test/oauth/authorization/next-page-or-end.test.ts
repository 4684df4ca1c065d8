/** One look at an authorization: what is stored where a page comes next, and what is spent where it ends. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StartedSession } from '../../../src/identity/sessions/start-or-renew-session.ts';
import { sha256 } from '../../../src/lib/sha256-and-hmac.ts';
import type { Asked } from '../../../src/oauth/authorization/authorization-request-types.ts';
import { readInteraction, storeInteraction } from '../../../src/oauth/authorization/interaction.ts';
import { continueAuthorization } from '../../../src/oauth/authorization/next-page-or-end.ts';
import { authorization } from '../../../src/oauth/authorization/purposes/authorization.ts';
import type { Client } from '../../../src/oauth/clients/client.ts';
import { findInteraction } from '../../../src/storage/tables/interactions.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { newPerson, requestOf, signIn, source } from './signed-in.ts';

let server: TestServer;
let client: Client;
let alice: StartedSession;
beforeAll(async () => {
  server = await startServer();
  const metadata = { redirect_uris: ['https://app.example.com/cb'], first_party: true };
  client = (await server.client(metadata)).client;
  alice = await signIn(server, await newPerson(server, 'alice'));
});
afterAll(() => server.stop());

const wanted = (asked: Partial<Asked> = {}) => ({
  purpose: authorization,
  request: requestOf(client, asked),
  client,
});
const countStored = async () =>
  Number((await server.gatehouse.db.get<{ n: number }>('SELECT COUNT(*) AS n FROM interactions'))?.n);
const errorOf = (outcome: Awaited<ReturnType<typeof continueAuthorization>>) =>
  outcome?.kind === 'redirect' ? new URL(outcome.location).searchParams.get('error') : outcome?.kind;

describe('where a page is next', () => {
  it('the request is stored for this browser, which gets a cookie where it had none', async () => {
    const page = await continueAuthorization(server.gatehouse, wanted(), undefined, { source });
    if (page?.kind !== 'page') throw new Error(`not a page: ${page?.kind}`);
    expect([page.page, page.client_id]).toEqual(['login', client.client_id]);
    expect(page.browser).toMatch(/^[\w-]{40,}$/);
    const row = await findInteraction(server.gatehouse.db, page.interaction);
    expect(row?.browser_hash).toBe(sha256(page.browser ?? ''));
    const known = await continueAuthorization(server.gatehouse, wanted(), undefined, {
      source,
      browser: 'known',
    });
    expect(known).toMatchObject({ kind: 'page', page: 'login' });
    expect(known).not.toHaveProperty('browser');
  });

  it('nothing is stored a second time, and it is not spent', async () => {
    const id = await storeInteraction(server.gatehouse, wanted(), { browser: 'b', source });
    const stored = await readInteraction(server.gatehouse, id, 'b');
    const before = await countStored();
    const page = await continueAuthorization(server.gatehouse, wanted(), stored, { source, browser: 'b' });
    expect(page).toEqual({ kind: 'page', page: 'login', interaction: id, client_id: client.client_id });
    expect(await countStored()).toBe(before);
    expect((await findInteraction(server.gatehouse.db, id))?.completed_at).toBeNull();
  });
});

describe('where it ends', () => {
  it('at the first look nothing is stored', async () => {
    const before = await countStored();
    const call = { source, session: alice.cookieValue };
    expect(errorOf(await continueAuthorization(server.gatehouse, wanted(), undefined, call))).toBeNull();
    expect(
      errorOf(
        await continueAuthorization(server.gatehouse, wanted({ prompt: ['none'] }), undefined, { source }),
      ),
    ).toBe('login_required');
    expect(await countStored()).toBe(before);
  });

  it.each<[string, Partial<Asked>, Record<string, unknown>]>([
    ['access_denied', {}, { consent: { decided: { decision: 'deny', sub: 'alice' } } }],
    [
      'unmet_authentication_requirements',
      { acr: { essential: true, values: ['urn:example:strong'] } },
      { login: { sid: 'alice' } },
    ],
    ['login_required', { hinted_sub: 'nobody' }, { login: { sid: 'alice' } }],
    ['login_required', { prompt: ['none'], max_age: 0 }, {}],
  ])('with %s, the interaction is spent: %j', async (error, asked, done) => {
    const { sub, sid } = alice.session;
    const own = JSON.parse(
      JSON.stringify(done)
        .replace('"sub":"alice"', `"sub":"${sub}"`)
        .replace('"sid":"alice"', `"sid":"${sid}"`),
    );
    const id = await storeInteraction(server.gatehouse, wanted(asked), { browser: 'b', source });
    const stored = { ...(await readInteraction(server.gatehouse, id, 'b')), done: own };
    const call = { source, session: alice.cookieValue, browser: 'b' };
    expect(errorOf(await continueAuthorization(server.gatehouse, wanted(asked), stored, call))).toBe(error);
    expect((await findInteraction(server.gatehouse.db, id))?.completed_at).not.toBeNull();
  });
});
