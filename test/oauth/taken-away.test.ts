/** What is taken away between a look and the write that follows it stays taken away. Decision 0029: the transaction decides. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endOtherSessions, endSession } from '../../src/identity/sessions/end-sessions.ts';
import { listLiveSessions } from '../../src/identity/sessions/find-live-sessions.ts';
import { removeUser } from '../../src/identity/users/user-removal.ts';
import { setPassword, setUserDisabled, type User } from '../../src/identity/users/users.ts';
import { createClient } from '../../src/oauth/clients/create-and-update-clients.ts';
import { deleteClient } from '../../src/oauth/clients/delete-client-in-pieces.ts';
import { setClientDisabled } from '../../src/oauth/clients/disable-and-enable-client.ts';
import { withdrawConsent } from '../../src/oauth/page-models/authorized-apps.ts';
import { beforeNextWrite } from '../support/before-next-write.ts';
import { engines, startServerOn } from '../support/engines.ts';
import {
  authorize,
  authorizeUrl,
  CALLBACK,
  confidentialClient,
  newPkce,
  type Pkce,
  post,
  type Registered,
  redeem,
  refresh,
  requestOf,
  userinfo,
} from '../support/flow.ts';
import { grantTypes, PASSWORD, type TestServer } from '../support/server.ts';
import { createUserAgent, type Page, type UserAgent } from '../support/user-agent.ts';

const NEW_PASSWORD = 'another correct horse battery';
const SCOPE = 'openid offline_access';
const SOURCE = { address: '127.0.0.1', requestId: 'test', userAgent: 'test' };

describe.each(engines)('%s', (engine) => {
  let server: TestServer;
  let user: User;
  let app: Registered;
  let agent: UserAgent;
  let count = 0;
  beforeAll(async () => {
    server = await startServerOn(engine);
  });
  afterAll(() => server.stop());

  beforeEach(async () => {
    count += 1;
    user = await server.user(`alice${count}`);
    app = await confidentialClient(server, {
      scope: SCOPE,
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    });
    ({ agent } = await authorize(server, app.client, { username: user.username, more: { scope: 'openid' } }));
  });

  const everythingOf = {
    'a password that the operator set': () => setPassword(server.gatehouse, user.sub, NEW_PASSWORD),
    'a user who was disabled': () => setUserDisabled(server.gatehouse, user.sub, true),
    'a user who was disabled and enabled': async () => {
      await setUserDisabled(server.gatehouse, user.sub, true);
      await setUserDisabled(server.gatehouse, user.sub, false);
    },
    'a user who was deleted': () => removeUser(server.gatehouse, user.sub),
    'a client that was disabled': () => setClientDisabled(server.gatehouse, app.client.client_id, true),
    'a client that was disabled and enabled': async () => {
      await setClientDisabled(server.gatehouse, app.client.client_id, true);
      await setClientDisabled(server.gatehouse, app.client.client_id, false);
    },
    'a client that was deleted': () => deleteClient(server.gatehouse, app.client.client_id),
  };

  const consentWithdrawn = async () => {
    const [session] = await listLiveSessions(server.gatehouse, user.sub);
    if (session) await withdrawConsent(server.gatehouse, session, app.client.client_id, SOURCE);
  };

  function authorizeSilently(pkce: Pkce, more: Record<string, string> = {}): Promise<Page> {
    return agent.fetch(authorizeUrl(server, requestOf(app.client, pkce, { scope: 'openid', ...more })));
  }

  /** The code of a redirect to the app, if there is one. */
  function codeIn(page: Page): string | undefined {
    return page.location?.startsWith(CALLBACK)
      ? (new URL(page.location).searchParams.get('code') ?? undefined)
      : undefined;
  }

  /** No code, or one that is worth nothing. */
  async function expectNothing(page: Page, pkce: Pkce, as = app): Promise<void> {
    expect(page.status).toBeLessThan(500);
    const code = codeIn(page);
    if (code === undefined) return;
    const response = new URLSearchParams();
    const answer = await redeem(server, as, { code, pkce, agent, response });
    expect(answer.status, JSON.stringify(answer.body)).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
  }

  describe('an authorization that was begun before', () => {
    for (const [name, takeAway] of Object.entries({
      ...everythingOf,
      'a consent that was withdrawn': consentWithdrawn,
    })) {
      if (name === 'a client that was disabled and enabled') continue;
      it(`A070 gives no code that is good after ${name}`, async () => {
        const pkce = newPkce();
        beforeNextWrite(server.gatehouse, takeAway);
        const page = await authorizeSilently(pkce);
        await expectNothing(page, pkce);
      });

      it(`A070 is stored for no user after ${name}, and fails without a 500`, async () => {
        const pkce = newPkce();
        beforeNextWrite(server.gatehouse, takeAway);
        await expectNothing(await authorizeSilently(pkce, { prompt: 'consent' }), pkce);
      });

      it(`A070 is not allowed any more after ${name}`, async () => {
        const pkce = newPkce();
        const asked = await agent.follow(await authorizeSilently(pkce, { prompt: 'consent' }));
        expect(asked.body).toContain('id="allow"');
        beforeNextWrite(server.gatehouse, takeAway);
        const answered = await agent.submit(asked, { decision: 'allow' });
        expect(answered.status).toBeLessThan(500);
        // A consent that was withdrawn before the person pressed Allow is given again by that.
        if (takeAway !== consentWithdrawn) await expectNothing(answered, pkce);
      });
    }

    for (const [name, takeAway] of Object.entries(everythingOf)) {
      if (name.includes('client')) continue;
      it(`A070 gives no code for offline access that is good after ${name}`, async () => {
        const own = await confidentialClient(server, { scope: SCOPE, first_party: true });
        const pkce = newPkce();
        beforeNextWrite(server.gatehouse, takeAway);
        const url = authorizeUrl(server, requestOf(own.client, pkce, { scope: SCOPE }));
        await expectNothing(await agent.fetch(url), pkce, own);
      });
    }

    it('V10.7.3 a consent that is withdrawn between Allow and the answer is asked for again, and can be given again', async () => {
      const pkce = newPkce();
      const asked = await agent.follow(await authorizeSilently(pkce, { prompt: 'consent' }));
      const form = new URLSearchParams();
      for (const [, name = '', value = ''] of asked.body.matchAll(/name="([^"]+)" value="([^"]*)"/g))
        if (name !== 'decision') form.set(name, value);
      form.set('decision', 'allow');
      const allowed = await agent.fetch(`${server.issuer}/consent`, {
        method: 'POST',
        body: form,
        headers: { origin: server.issuer },
      });
      expect(allowed.location).toContain('/authorize/resume');
      await consentWithdrawn();
      const again = await agent.follow(allowed);
      expect(again.body).toContain('id="allow"');
      const answered = await agent.submit(again, { decision: 'allow' });
      expect(codeIn(answered)).toBeDefined();
    });
  });

  describe('what was granted before', () => {
    for (const [name, takeAway] of Object.entries(everythingOf)) {
      it(`V7.4.2 code, access token and refresh token are invalid after ${name}`, async () => {
        const options = { agent, username: user.username, more: { scope: SCOPE, prompt: 'consent' } };
        const tokens = (await redeem(server, app, await authorize(server, app.client, options))).body;
        const unspent = await authorize(server, app.client, options);
        const own = (await post(server, '/token', { grant_type: 'client_credentials' }, app)).body;
        expect(tokens.refresh_token).toBeDefined();
        await takeAway();
        expect((await userinfo(server, tokens.access_token)).status).toBe(401);
        expect((await redeem(server, app, unspent)).status).toBeGreaterThanOrEqual(400);
        expect((await refresh(server, app, tokens.refresh_token)).status).toBeGreaterThanOrEqual(400);
        if (!name.includes('client')) return;
        const { client_id } = app.client;
        await deleteClient(server.gatehouse, client_id);
        const metadata = { client_name: 'Test app', grant_types: ['client_credentials'] };
        server.clock.advance(1000);
        const chosen = { client_id, client_secret: app.client_secret as string };
        await createClient(server.gatehouse, grantTypes, metadata, chosen);
        const { body } = await post(server, '/introspect', { token: own.access_token }, app);
        expect(body).toEqual({ active: false });
      });
    }

    for (const [name, takeAway] of Object.entries(everythingOf)) {
      it(`A038 a refresh that was begun before gives nothing after ${name}`, async () => {
        const options = { agent, username: user.username, more: { scope: SCOPE, prompt: 'consent' } };
        const tokens = (await redeem(server, app, await authorize(server, app.client, options))).body;
        const unspent = await authorize(server, app.client, options);
        beforeNextWrite(server.gatehouse, takeAway);
        const refreshed = await refresh(server, app, tokens.refresh_token);
        expect(refreshed.status).toBe(400);
        beforeNextWrite(server.gatehouse, async () => {});
        expect((await redeem(server, app, unspent)).status).toBeGreaterThanOrEqual(400);
      });
    }

    it('V7.4.2 a client that is disabled and enabled gets new tokens, and those are valid', async () => {
      await everythingOf['a client that was disabled and enabled']();
      const options = { agent, username: user.username };
      const { body } = await redeem(server, app, await authorize(server, app.client, options));
      expect((await userinfo(server, body.access_token)).status).toBe(200);
      const own = (await post(server, '/token', { grant_type: 'client_credentials' }, app)).body;
      expect((await post(server, '/introspect', { token: own.access_token }, app)).body.active).toBe(true);
    });

    it('A070 what a client got for itself is invalid once the client was disabled, enabled again or not', async () => {
      const own = (await post(server, '/token', { grant_type: 'client_credentials' }, app)).body;
      expect((await post(server, '/introspect', { token: own.access_token }, app)).body.active).toBe(true);
      await everythingOf['a client that was disabled and enabled']();
      const { body } = await post(server, '/introspect', { token: own.access_token }, app);
      expect(body).toEqual({ active: false });
    });
  });

  describe('a session that was ended', () => {
    it('V7.4.3 is not brought back by signing out everywhere else', async () => {
      const [session] = await listLiveSessions(server.gatehouse, user.sub);
      if (!session) throw new Error('nobody is signed in');
      await setPassword(server.gatehouse, user.sub, NEW_PASSWORD);
      await endOtherSessions(server.gatehouse, session, SOURCE);
      expect(await listLiveSessions(server.gatehouse, user.sub)).toEqual([]);
      expect((await agent.open(`${server.issuer}/account`)).body).toContain('name="password"');
    });

    it.each([
      ['ends no other one', '/account/sessions', () => ({ all: '1' })],
      ['ends no single one', '/account/sessions', (other: string) => ({ sid: other })],
      ['ends none everywhere', '/account/sign-out-everywhere', () => ({})],
      ['sends no app away', '/account/apps', () => ({ client_id: app.client.client_id })],
    ] as const)('V7.4.2 %s any more, from a page that is still open', async (_what, path, fields) => {
      const [own] = await listLiveSessions(server.gatehouse, user.sub);
      const other = createUserAgent(server.issuer);
      const authorized = await authorize(server, app.client, {
        agent: other,
        username: user.username,
        more: { scope: SCOPE, prompt: 'consent' },
      });
      const { body: tokens } = await redeem(server, app, authorized);
      const others = (await listLiveSessions(server.gatehouse, user.sub)).filter(
        ({ sid }) => sid !== own?.sid,
      );
      expect(others).toHaveLength(1);
      const page = await agent.open(`${server.issuer}${path}`);
      beforeNextWrite(server.gatehouse, () => endSession(server.gatehouse, own?.sid ?? '', SOURCE));
      const answer = await agent.submit(page, fields(others[0]?.sid ?? ''));
      expect(answer.body).toContain('You are not signed in here any more');
      expect((await listLiveSessions(server.gatehouse, user.sub)).map(({ sid }) => sid)).toEqual([
        others[0]?.sid,
      ]);
      expect((await refresh(server, app, tokens.refresh_token)).status).toBe(200);
    });

    it('V7.4.3 the session from which all others are ended continues', async () => {
      const other = createUserAgent(server.issuer);
      await authorize(server, app.client, { agent: other, username: user.username });
      const sessions = await listLiveSessions(server.gatehouse, user.sub);
      expect(sessions).toHaveLength(2);
      const [kept] = sessions;
      if (!kept) throw new Error('nobody is signed in');
      expect(await endOtherSessions(server.gatehouse, kept, SOURCE)).toBe(1);
      expect((await listLiveSessions(server.gatehouse, user.sub)).map(({ sid }) => sid)).toEqual([kept.sid]);
    });

    it('A069 a browser is known for as long as the password that was typed in it holds', async () => {
      const device = () => agent.cookies.get(agent.names.device);
      const guess = async () => {
        const page = await agent.open(`${server.issuer}/login?account=another`);
        return agent.submit(page, { username: user.username, password: 'wrong' });
      };
      const counted = async (kind: string) => {
        const rows = await server.gatehouse.db.all<{ throttle_key: string }>(
          'SELECT throttle_key FROM throttles',
        );
        return rows.some(({ throttle_key }) => throttle_key === `${kind}:${user.sub}`);
      };
      expect(device()).toBeDefined();
      await guess();
      expect([await counted('device'), await counted('account')]).toEqual([true, false]);
      await setPassword(server.gatehouse, user.sub, PASSWORD);
      await guess();
      expect([await counted('device'), await counted('account')]).toEqual([false, true]);
    });
  });
});
