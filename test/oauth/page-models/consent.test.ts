/** What the consent page shows, and that its decision is stored of whom it was shown to. The pages: test/http/pages/authorize-and-resume.test.ts */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endSession } from '../../../src/identity/sessions/end-sessions.ts';
import type { StartedSession } from '../../../src/identity/sessions/start-or-renew-session.ts';
import { accessTo } from '../../../src/oauth/access/access-set-operations.ts';
import { describeAccess } from '../../../src/oauth/access/describe-access-for-operators.ts';
import { parseAccess } from '../../../src/oauth/access/stored-access.ts';
import { storeInteraction } from '../../../src/oauth/authorization/interaction.ts';
import { authorization } from '../../../src/oauth/authorization/purposes/authorization.ts';
import type { Client } from '../../../src/oauth/clients/client.ts';
import { updateClient } from '../../../src/oauth/clients/create-and-update-clients.ts';
import { consentSituation, decideConsent } from '../../../src/oauth/page-models/consent.ts';
import { findConsent } from '../../../src/storage/tables/consents.ts';
import { auditEvents, CALLBACK } from '../../support/flow.ts';
import { grantTypes, startServer, type TestServer } from '../../support/server.ts';
import { newPerson, requestOf, signIn, source } from '../authorization/signed-in.ts';

let server: TestServer;
let client: Client;
let alice: StartedSession;
let people = 0;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  client = (await server.client({ redirect_uris: [CALLBACK] })).client;
  people += 1;
  alice = await signIn(server, await newPerson(server, `person${people}`));
});

async function begin(scope: readonly string[] = ['openid', 'email']) {
  const request = requestOf(client, { access: accessTo({ scope }) });
  const wanted = { purpose: authorization, request, client };
  const interaction = await storeInteraction(server.gatehouse, wanted, { browser: 'b', source });
  return { interaction, session: alice.cookieValue, browser: 'b', source };
}
const decide = async (
  decision: 'allow' | 'deny',
  call: Awaited<ReturnType<typeof begin>>,
  sub = alice.session.sub,
) => decideConsent(server.gatehouse, { ...call, decision, sub });
const allowed = async () => {
  const row = await findConsent(server.gatehouse.db, alice.session.sub, client.client_id);
  return row && describeAccess(parseAccess(row.access)).scope;
};

describe('the page', () => {
  it('says who is asked by whom for what, and what of it is new', async () => {
    await decide('allow', await begin(['openid']));
    expect(await consentSituation(server.gatehouse, await begin(['openid', 'email']))).toMatchObject({
      sub: alice.session.sub,
      username: `person${people}`,
      client_id: client.client_id,
      clientHost: 'app.example.com',
      isOnDevice: false,
      isUnverified: false,
      scopes: [
        { scope: 'openid', isNew: false },
        { scope: 'email', isNew: true },
      ],
    });
  });

  it('says until when: the session, until it is withdrawn, or each token anew', async () => {
    const endsOf = async (...scope: string[]) =>
      (await consentSituation(server.gatehouse, await begin(scope)))?.lifetime.ends;
    expect(await endsOf('openid')).toBe('session');
    expect(await endsOf('openid', 'offline_access')).toBe('withdrawal');
    client = (await server.client({ redirect_uris: [CALLBACK], grant_types: ['authorization_code'] })).client;
    expect(await endsOf('openid', 'offline_access')).toBe('token');
  });

  it('is shown to nobody who is not signed in any more', async () => {
    const call = await begin();
    await endSession(server.gatehouse, alice.session.sid, undefined);
    expect(await consentSituation(server.gatehouse, call)).toBeUndefined();
  });
});

describe('a decision', () => {
  it('that allows is remembered, with an event', async () => {
    expect(await decide('allow', await begin())).toBe(true);
    expect(await allowed()).toBe('openid email');
    expect(await auditEvents(server)).toContainEqual(
      expect.objectContaining({ type: 'consent.given', sub: alice.session.sub, client_id: client.client_id }),
    );
  });

  it('that denies is not, and is final', async () => {
    const call = await begin();
    expect(await decide('deny', call)).toBe(true);
    expect(await decide('allow', call)).toBe(true);
    expect(await allowed()).toBeUndefined();
  });

  it('L16 by another than the page was shown to stores nothing', async () => {
    expect(await decide('allow', await begin(), 'somebody else')).toBe(true);
    expect(await allowed()).toBeUndefined();
  });

  it('of a session that has ended stores nothing, and says that nobody is there', async () => {
    const call = await begin();
    await endSession(server.gatehouse, alice.session.sid, undefined);
    expect(await decide('allow', call)).toBe(false);
    expect(await allowed()).toBeUndefined();
  });

  it('A076 for an app that changed meanwhile is refused', async () => {
    const call = await begin();
    await updateClient(server.gatehouse, grantTypes, client.client_id, { client_name: 'Other' });
    await expect(decide('allow', call)).rejects.toMatchObject({ reason: 'client_changed' });
    expect(await allowed()).toBeUndefined();
  });

  it('A056 in another browser is refused', async () => {
    const call = await begin();
    await expect(decide('allow', { ...call, browser: 'other' })).rejects.toMatchObject({
      reason: 'foreign_interaction',
    });
    expect(await allowed()).toBeUndefined();
  });
});

it.each([
  ['com.example.app:/cb', 'com.example.app', true],
  ['http://127.0.0.1/cb', '127.0.0.1', false],
])(
  'RFC 8252 §8.6 the page says that any app could pose as one at %s',
  async (uri, clientHost, isOnDevice) => {
    const native = { application_type: 'native', token_endpoint_auth_method: 'none' };
    const app = (await server.client({ ...native, redirect_uris: [uri] })).client;
    const target = { redirect_uri: uri, response_mode: 'query' as const };
    const wanted = { purpose: authorization, request: requestOf(app, {}, { target }), client: app };
    const interaction = await storeInteraction(server.gatehouse, wanted, { browser: 'b', source });
    const call = { interaction, session: alice.cookieValue, browser: 'b' };
    const shown = await consentSituation(server.gatehouse, call);
    expect(shown).toMatchObject({ clientHost, isOnDevice, isUnverified: true });
  },
);
