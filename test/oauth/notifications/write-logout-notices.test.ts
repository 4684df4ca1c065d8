/** Who is told when all sessions of a person end at once, on both engines. OpenID Connect Back-Channel Logout 1.0 §2.4, §2.6 */

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openGatehouse } from '../../../src/gatehouse.ts';
import { endOtherSessions, endSession } from '../../../src/identity/sessions/end-sessions.ts';
import { listLiveSessions } from '../../../src/identity/sessions/find-live-sessions.ts';
import { removeUser } from '../../../src/identity/users/user-removal.ts';
import { createUser, setUserDisabled } from '../../../src/identity/users/users.ts';
import { isRefusal } from '../../../src/lib/outcome.ts';
import { setClientDisabled } from '../../../src/oauth/clients/disable-and-enable-client.ts';
import { notifiedApps } from '../../../src/oauth/page-models/end-one-or-every-session.ts';
import { createCleanUp } from '../../../src/storage/cleanup.ts';
import { listOutbox } from '../../../src/storage/tables/outbox.ts';
import { insertSessionClient } from '../../../src/storage/tables/session-clients.ts';
import { countedDatabase } from '../../support/counted.ts';
import { engines, startServerOn } from '../../support/engines.ts';
import { confidentialClient, type Registered } from '../../support/flow.ts';
import { storePast } from '../../support/past.ts';
import type { TestServer } from '../../support/server.ts';

const SESSIONS = 60;
const MANY_APPS = 300;
interface App {
  readonly client: { readonly client_id: string };
}

/** What one transaction writes, takes and records, and a little. */
const PIECE = 450;

/** Nothing listens there: what is told waits in the outbox. */
const NOWHERE = 'https://192.0.2.1/logout';
const SOURCE = { address: '192.0.2.1', userAgent: '', requestId: '' };

describe.each(engines)('on %s', (engine) => {
  let server: TestServer;
  let calm: Registered;
  let exact: Registered;
  let silent: Registered;
  let sub: string;
  let sids: string[];
  let people = 0;

  beforeAll(async () => {
    server = await startServerOn(engine);
    // It delivers nothing: what is written stays to be looked at.
    await server.gatehouse.outbox.close();
    calm = await confidentialClient(server, { backchannel_logout_uri: NOWHERE });
    exact = await confidentialClient(server, {
      backchannel_logout_uri: NOWHERE,
      backchannel_logout_session_required: true,
    });
    silent = await confidentialClient(server);
  }, 120_000);
  afterAll(() => server.stop());
  beforeEach(async () => {
    await server.gatehouse.db.write((tx) => tx.run('DELETE FROM outbox'));
    people += 1;
    const user = await createUser(server.gatehouse, { username: `person${people}` });
    if (isRefusal(user)) throw new Error(user.reason);
    ({ sub } = user);
    const clientIds = [calm, exact, silent].map(({ client }) => client.client_id);
    sids = await storePast(server.gatehouse, { sub, clientIds, sessions: SESSIONS, grants: SESSIONS });
  }, 60_000);

  /** The sids that an app is told of, when all that waits was written. */
  async function told({ client }: App): Promise<(string | undefined)[]> {
    await server.gatehouse.onSessionsEnd.rest(sub);
    const rows = await listOutbox(server.gatehouse.db, { limit: 10_000 });
    const notices = rows.map(({ payload }) => JSON.parse(payload));
    return notices.filter(({ client_id }) => client_id === client.client_id).map(({ sid }) => sid);
  }

  const participations = () =>
    server.gatehouse.db.all('SELECT client_id FROM session_clients WHERE sub = $1', sub);

  it('O7 one notice for an app with sub alone, and one for each session where the app demands the sid', async () => {
    await setUserDisabled(server.gatehouse, sub, true);
    expect(await told(calm)).toEqual([undefined]);
    expect((await told(exact)).sort()).toEqual(sids.toSorted());
    expect(await told(silent)).toEqual([]);
    expect(await participations()).toEqual([]);
  });

  it('O7 the same where the person is deleted', async () => {
    await removeUser(server.gatehouse, sub);
    expect(await told(calm)).toEqual([undefined]);
    expect(await told(exact)).toHaveLength(SESSIONS);
  });

  // An app may go by its own session for long after that.
  it('O7 an app of sessions that expired, or that a restore ended, is notified for thirty days when all end', async () => {
    await server.gatehouse.db.write((tx) =>
      tx.run('UPDATE sessions SET ended_at = $1 WHERE sid = $2', server.clock.nowMs(), sids[0] ?? ''),
    );
    const cleaned = async (days: number) => {
      server.clock.advance(days * 86_400_000);
      await createCleanUp(server.gatehouse).run();
    };
    await cleaned(30 + 29);
    expect(await participations()).toHaveLength(3 * SESSIONS - 3);
    await setUserDisabled(server.gatehouse, sub, true);
    expect(await told(calm)).toEqual([undefined]);
    await setUserDisabled(server.gatehouse, sub, false);
  });

  it('O7 after that nothing of it is kept', async () => {
    server.clock.advance(62 * 86_400_000);
    await createCleanUp(server.gatehouse).run();
    expect(await participations()).toEqual([]);
  });

  it('O7 an app that is disabled meanwhile is notified too, of one session and of all', async () => {
    const client_id = calm.client.client_id;
    const [sid = ''] = sids;
    await setClientDisabled(server.gatehouse, client_id, true);
    await endSession(server.gatehouse, sid, undefined);
    expect(await told(calm)).toEqual([sid]);
    await setUserDisabled(server.gatehouse, sub, true);
    expect(await told(calm)).toContain(undefined);
    await setClientDisabled(server.gatehouse, client_id, false);
  });

  it('an app that is in use in the session that stays is notified of the others by their sid', async () => {
    const [own] = await listLiveSessions(server.gatehouse, sub);
    if (!own) throw new Error('no session');
    expect(await endOtherSessions(server.gatehouse, own, SOURCE)).toBe(SESSIONS - 1);
    expect((await told(calm)).sort()).toEqual(sids.filter((sid) => sid !== own.sid).toSorted());
    expect(await listLiveSessions(server.gatehouse, sub)).toHaveLength(1);
    expect(await participations()).toHaveLength(3);
    // It hears of this one when it ends.
    await endSession(server.gatehouse, own.sid, undefined);
    expect(await told(calm)).toContain(own.sid);
    expect(await participations()).toEqual([]);
  });

  it('ending sessions writes one bounded piece, however many sessions and apps there are, and the other notices later', async () => {
    const apps = await storeApps('exact', exact, 9, sids);
    const { db, count } = countedDatabase(server.gatehouse.db);
    const [own] = await listLiveSessions(server.gatehouse, sub);
    if (!own) throw new Error('no session');
    expect(await endOtherSessions({ ...server.gatehouse, db }, own, SOURCE)).toBe(SESSIONS - 1);
    expect(count.mostRows).toBeLessThan(PIECE);
    expect(count.statements).toBeLessThan(150);
    for (const app of apps) expect((await told(app)).sort()).toEqual(sids.slice(0, -1).toSorted());
  }, 60_000);

  it('notices that waited when the server stopped are written by the next server', async () => {
    const apps = [exact, ...(await storeApps('later', exact, 4, sids))];
    await setUserDisabled(server.gatehouse, sub, true);
    const waits = async () =>
      server.gatehouse.db.all(
        `SELECT payload FROM outbox WHERE kind = 'sessions_ended' AND person = $1`,
        sub,
      );
    expect(await waits()).toHaveLength(1);
    const { settings, clock, log } = server.gatehouse;
    const next = await openGatehouse(settings, { clock, log });
    await next.outbox.deliverDue();
    await next.close();
    expect(await waits()).toEqual([]);
    expect(await participations()).toEqual([]);
    expect(await told(calm)).toContain(undefined);
    for (const app of apps) expect((await told(app)).sort()).toEqual(sids.toSorted());
  }, 60_000);

  it('what it costs does not grow with sessions times grants', async () => {
    const user = await createUser(server.gatehouse, { username: 'old-hand' });
    if (isRefusal(user)) throw new Error(user.reason);
    const clientIds = [calm.client.client_id];
    await storePast(server.gatehouse, { sub: user.sub, clientIds, sessions: 1500, grants: 3000 });
    const before = process.cpuUsage();
    await setUserDisabled(server.gatehouse, user.sub, true);
    const used = process.cpuUsage(before);
    // Of the processor, whatever else the machine does: 1,500 walks over 3,000 grants took 5 s of it, this takes 0.1.
    expect((used.user + used.system) / 1e6).toBeLessThan(2);
  }, 60_000);

  it('very many apps in one session are read and notified by few statements', async () => {
    await storeApps('many', calm, MANY_APPS, sids.slice(-2));
    const { db, count } = countedDatabase(server.gatehouse.db);
    const gatehouse = { ...server.gatehouse, db };
    const [first, second] = await listLiveSessions(gatehouse, sub);
    if (!first || !second) throw new Error('no sessions');
    await notifiedApps(gatehouse, second);
    await endSession(gatehouse, first.sid, undefined);
    expect(count.statements).toBeLessThan(50);
    await setUserDisabled(gatehouse, sub, true);
    expect(count.statements).toBeLessThan(150);
    await server.gatehouse.onSessionsEnd.rest(sub);
    const many = await server.gatehouse.db.all(
      `SELECT DISTINCT destination FROM outbox WHERE destination LIKE 'many-%'`,
    );
    expect(many).toHaveLength(MANY_APPS);
  });

  /** So many apps like this one, each in all these sessions. */
  async function storeApps(name: string, like: Registered, count: number, inSessions: readonly string[]) {
    const apps = Array.from({ length: count }, (_, index) => ({ client: { client_id: `${name}-${index}` } }));
    for (const { client } of apps) {
      await server.gatehouse.db.write(async (tx) => {
        await tx.run(
          `INSERT INTO clients (client_id, profile, metadata, created_at, updated_at)
           SELECT $1, profile, metadata, created_at, updated_at FROM clients WHERE client_id = $2`,
          client.client_id,
          like.client.client_id,
        );
        for (const sid of inSessions) await insertSessionClient(tx, sid, client.client_id);
      });
    }
    return apps;
  }
});
