/** How much one person can leave behind: sessions, and grants of one client. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listLiveSessions } from '../../src/identity/sessions/find-live-sessions.ts';
import { findOrphans } from '../../src/storage/find-orphans.ts';
import { listLiveGrants } from '../../src/storage/tables/live-grants.ts';
import { listOutbox } from '../../src/storage/tables/outbox.ts';
import { engines, startServerOn } from '../support/engines.ts';
import {
  auditEvents,
  authorize,
  confidentialClient,
  publicClient,
  type Registered,
  redeem,
  refresh,
  userinfo,
} from '../support/flow.ts';
import type { TestServer } from '../support/server.ts';
import type { UserAgent } from '../support/user-agent.ts';

const SESSIONS = 4;
const GRANTS = 5;
const caps = {
  GATEHOUSE_SESSIONS_PER_USER: String(SESSIONS),
  GATEHOUSE_GRANTS_PER_USER_AND_CLIENT: String(GRANTS),
};

describe.each(engines)('on %s', (engine) => {
  let server: TestServer;
  let app: Registered;
  let other: Registered;
  let people = 0;

  beforeAll(async () => {
    server = await startServerOn(engine, { environment: caps });
    app = await publicClient(server, { scope: 'openid offline_access' });
    other = await confidentialClient(server, { backchannel_logout_uri: 'https://192.0.2.1/logout' });
  }, 120_000);
  afterAll(() => server.stop());

  async function person() {
    people += 1;
    const { sub, username } = await server.user(`person${people}`);
    return { sub, username };
  }

  /** One more authorization, in a browser that is signed in or a new one; what its code brings. */
  async function use(as: Registered, username: string, agent?: UserAgent) {
    const authorized = await authorize(server, as.client, { username, ...(agent && { agent }) });
    const { body } = await redeem(server, as, authorized);
    return { agent: authorized.agent, ...body };
  }

  const live = (sub: string) =>
    listLiveGrants(server.gatehouse.db, server.clock.nowMs(), { limit: 100 }, sub);
  const isActive = async (token: string) => (await userinfo(server, token)).status === 200;

  it('of more grants of one person and one client the oldest end, with their tokens; another client’s never', async () => {
    const { sub, username } = await person();
    const kept = await use(other, username);
    const first = await use(app, username, kept.agent);
    for (let count = 1; count < GRANTS; count += 1) await use(app, username, kept.agent);
    expect(await isActive(first.access_token)).toBe(true);
    const last = await use(app, username, kept.agent);
    expect(await live(sub)).toHaveLength(GRANTS + 1);
    expect(await isActive(first.access_token)).toBe(false);
    expect((await refresh(server, app, first.refresh_token)).body.error).toBe('invalid_grant');
    expect([await isActive(last.access_token), await isActive(kept.access_token)]).toEqual([true, true]);
    expect((await refresh(server, other, kept.refresh_token)).status).toBe(200);
    const ended = (await auditEvents(server)).find(({ reason }) => reason === 'too_many_grants');
    expect(ended).toMatchObject({ sub, client_id: app.client.client_id, details: { ended: 1 } });
  });

  it('codes that are never redeemed, which another page can request without end, end no grant that is in use', async () => {
    const { sub, username } = await person();
    const more = { scope: 'openid offline_access', prompt: 'consent' };
    const phone = await authorize(server, app.client, { username, more });
    const { refresh_token } = (await redeem(server, app, phone)).body;
    const silently = () =>
      authorize(server, app.client, { username, agent: phone.agent, more: { prompt: 'none' } });
    for (let count = 0; count < 4 * GRANTS; count += 1) await silently();
    expect((await refresh(server, app, refresh_token)).status).toBe(200);
    const last = await silently();
    expect((await redeem(server, app, last)).status).toBe(200);
    server.clock.advance(61_000);
    expect(await live(sub)).toHaveLength(2);
  });

  it('at the bound, codes that are issued at the same time are all valid: the oldest grant in use ends', async () => {
    const { sub, username } = await person();
    const first = await use(app, username);
    for (let count = 1; count < GRANTS; count += 1) await use(app, username, first.agent);
    const tabs = [];
    for (let count = 0; count < 3; count += 1)
      tabs.push(await authorize(server, app.client, { username, agent: first.agent }));
    expect(await isActive(first.access_token)).toBe(true);
    for (const tab of tabs) expect((await redeem(server, app, tab)).status).toBe(200);
    expect(await isActive(first.access_token)).toBe(false);
    expect(await live(sub)).toHaveLength(GRANTS);
  });

  it('codes whose grants went so are no finding of database check', async () => {
    const { username } = await person();
    const { agent } = await use(app, username);
    for (let count = 0; count <= GRANTS; count += 1) await authorize(server, app.client, { username, agent });
    expect(await findOrphans(server.gatehouse.db, server.clock.nowMs())).toEqual([]);
  });

  it('grants whose session is over do not count', async () => {
    const { sub, username } = await person();
    const more = { scope: 'openid offline_access', prompt: 'consent' };
    const offline = await authorize(server, app.client, { username, more });
    const tokens = (await redeem(server, app, offline)).body;
    for (let count = 1; count < GRANTS; count += 1) await use(app, username, offline.agent);
    await offline.agent.submit(await offline.agent.open(`${server.issuer}/logout`), {});
    const again = await use(app, username);
    for (let count = 2; count < GRANTS; count += 1) await use(app, username, again.agent);
    // Twice as many were made; what lives is the one that outlives its session, and those of the new session.
    expect((await refresh(server, app, tokens.refresh_token)).status).toBe(200);
    expect(await isActive(again.access_token)).toBe(true);
    expect((await live(sub)).length).toBeLessThanOrEqual(GRANTS);
  });

  it('above the bound, the session of a person that was unused for longest ends, and its apps are notified', async () => {
    const { sub, username } = await person();
    const first = await use(other, username);
    for (let count = 1; count < SESSIONS; count += 1) {
      server.clock.advance(1000);
      await use(app, username);
    }
    expect((await first.agent.fetch(`${server.issuer}/account`)).status).toBe(200);
    server.clock.advance(1000);
    const last = await use(app, username);
    expect(await listLiveSessions(server.gatehouse, sub)).toHaveLength(SESSIONS);
    expect((await first.agent.fetch(`${server.issuer}/account`)).status).toBe(303);
    expect((await last.agent.fetch(`${server.issuer}/account`)).status).toBe(200);
    expect((await refresh(server, other, first.refresh_token)).body.error).toBe('invalid_grant');
    const told = await listOutbox(server.gatehouse.db, { limit: 10 });
    expect(told.map(({ person: whom }) => whom)).toContain(sub);
    const ended = (await auditEvents(server)).filter(({ reason }) => reason === 'too_many_sessions');
    expect(ended.map((event) => event.sub)).toContain(sub);
  });

  it('sessions that expired do not count', async () => {
    const { sub, username } = await person();
    for (let count = 0; count < SESSIONS; count += 1) await use(app, username);
    server.clock.advance(13 * 3_600_000);
    const first = await use(app, username);
    for (let count = 1; count < SESSIONS; count += 1) await use(app, username);
    expect(await listLiveSessions(server.gatehouse, sub)).toHaveLength(SESSIONS);
    expect((await first.agent.fetch(`${server.issuer}/account`)).status).toBe(200);
  });
});
