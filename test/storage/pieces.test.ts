/** What one person leaves behind goes in pieces, whatever hangs on it, on both engines. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endSession } from '../../src/identity/sessions/end-sessions.ts';
import { removeUser } from '../../src/identity/users/user-removal.ts';
import { noticeAllEnded } from '../../src/oauth/notifications/write-logout-notices.ts';
import { createCleanUp } from '../../src/storage/cleanup.ts';
import type { Database, Reader } from '../../src/storage/database.ts';
import { deleteOutbox, insertOutbox } from '../../src/storage/tables/outbox.ts';
import { insertSessionClient } from '../../src/storage/tables/session-clients.ts';
import { engines, startServerOn } from '../support/engines.ts';
import { publicClient } from '../support/flow.ts';
import { storePast } from '../support/past.ts';
import type { TestServer } from '../support/server.ts';

const SESSIONS = 300;
const APPS = 8;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** A sign-in, and rows of the audit log, go along. */
const PIECE = 520;

describe.each(engines)('on %s', (engine) => {
  let server: TestServer;
  let clientIds: string[];
  let people = 0;
  beforeAll(async () => {
    server = await startServerOn(engine);
    const apps = await Promise.all(Array.from({ length: APPS }, () => publicClient(server)));
    clientIds = apps.map(({ client }) => client.client_id);
  }, 120_000);
  afterAll(() => server.stop());

  async function newPerson(): Promise<{ sub: string; sids: string[] }> {
    people += 1;
    const { sub } = await server.user(`person${people}`);
    const past = { sub, clientIds, sessions: SESSIONS, grants: SESSIONS };
    return { sub, sids: await storePast(server.gatehouse, past) };
  }

  async function rows(db: Reader, tables = ['session_clients', 'sessions', 'grants', 'consents']) {
    let sum = 0;
    for (const table of tables)
      sum += Number((await db.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`))?.n);
    return sum;
  }

  /** The most rows that went with one transaction, also those that nobody named. */
  function watched(db: Database) {
    const most = { rows: 0 };
    const write: Database['write'] = (body) =>
      db.write(async (tx) => {
        const before = await rows(tx);
        const result = await body(tx);
        most.rows = Math.max(most.rows, before - (await rows(tx)));
        return result;
      });
    return { db: { ...db, write }, most };
  }

  it('a person who is deleted', async () => {
    const { sub } = await newPerson();
    const { clock, random, onSessionsEnd } = server.gatehouse;
    const { db, most } = watched(server.gatehouse.db);
    const rest = (whose: string) => noticeAllEnded({ clock, random, db }, whose);
    await removeUser({ ...server.gatehouse, db, onSessionsEnd: { ...onSessionsEnd, rest } }, sub);
    expect(await rows(db)).toBe(0);
    expect(most.rows).toBeLessThan(PIECE);
  }, 60_000);

  it('sessions that expired', async () => {
    await newPerson();
    const { db, most } = watched(server.gatehouse.db);
    const cleanUp = createCleanUp({ ...server.gatehouse, db });
    for (const days of [0, 63, 0, 100]) {
      server.clock.advance(days * DAY_MS + DAY_MS / 24);
      await cleanUp.run();
    }
    expect(await rows(db, ['session_clients', 'sessions'])).toBe(0);
    expect(most.rows).toBeLessThan(PIECE);
  }, 60_000);

  it('the rows of an ended session are deleted, but not while a client is still to be notified', async () => {
    const { db, clock } = server.gatehouse;
    const { sub, sids } = await newPerson();
    const [sid = ''] = sids;
    const [client_id = ''] = clientIds;
    await endSession(server.gatehouse, sid, undefined);
    const ofIt = () => db.all('SELECT client_id FROM session_clients WHERE sid = $1', sid);
    expect(await ofIt()).toEqual([]);
    const waits = { outbox_key: 'waits', kind: 'sessions_ended', destination: '', person: sub } as const;
    await db.write(async (tx) => {
      await insertSessionClient(tx, sid, client_id);
      // Not due when the clean-up runs, and no later than an attempt can be: it would be made due.
      const next_at = clock.nowMs() + 31 * DAY_MS + 10 * MINUTE_MS;
      await insertOutbox(tx, [{ ...waits, payload: '{}', next_at }]);
    });
    server.clock.advance(31 * DAY_MS);
    await createCleanUp(server.gatehouse).run();
    expect(await ofIt()).toHaveLength(1);
    await db.write((tx) => deleteOutbox(tx, 'waits'));
    await createCleanUp(server.gatehouse).run();
    expect(await ofIt()).toEqual([]);
  }, 60_000);
});
