/** Who is told when all sessions of a person end at once. OpenID Connect Back-Channel Logout 1.0 §2.4, §2.6 */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { endOtherSessions, endSession, listSessionsOf } from '../../../src/identity/sessions.ts';
import { createUser, removeUser, setUserDisabled } from '../../../src/identity/users.ts';
import { isRefusal } from '../../../src/lib/outcome.ts';
import { toldApps } from '../../../src/oauth/requests/end-session.ts';
import type { Reader, Tx } from '../../../src/storage/database.ts';
import { listOutbox } from '../../../src/storage/tables/outbox.ts';
import { insertSessionClient } from '../../../src/storage/tables/session-clients.ts';
import { confidentialClient, type Registered } from '../../support/flow.ts';
import { storePast } from '../../support/past.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const SESSIONS = 400;
const GRANTS = 1200;
const MANY_APPS = 300;
/** Nothing listens there: what is told waits in the outbox. */
const NOWHERE = 'https://192.0.2.1/logout';
let server: TestServer;
let calm: Registered;
let exact: Registered;
let silent: Registered;
let sub: string;
let sids: string[];
let people = 0;

beforeAll(async () => {
  server = await startServer();
  calm = await confidentialClient(server, { backchannel_logout_uri: NOWHERE });
  exact = await confidentialClient(server, {
    backchannel_logout_uri: NOWHERE,
    backchannel_logout_session_required: true,
  });
  silent = await confidentialClient(server);
});
afterAll(() => server.stop());
beforeEach(async () => {
  await server.house.db.write((tx) => tx.run('DELETE FROM outbox'));
  people += 1;
  const user = await createUser(server.house, { username: `person${people}` });
  if (isRefusal(user)) throw new Error(user.reason);
  ({ sub } = user);
  const clientIds = [calm, exact, silent].map(({ client }) => client.client_id);
  sids = await storePast(server.house, { sub, clientIds, sessions: SESSIONS, grants: GRANTS });
});

async function told({ client }: Registered): Promise<(string | undefined)[]> {
  const rows = await listOutbox(server.house.db, { limit: 10_000 });
  const notices = rows.map(({ payload }) => JSON.parse(payload));
  return notices.filter(({ client_id }) => client_id === client.client_id).map(({ sid }) => sid);
}

it('O7 one notice for an app with sub alone, and one for each session where the app demands the sid', async () => {
  await setUserDisabled(server.house, sub, true);
  expect(await told(calm)).toEqual([undefined]);
  expect((await told(exact)).sort()).toEqual(sids.toSorted());
  expect(await told(silent)).toEqual([]);
});

it('O7 the same where the person is deleted', async () => {
  await removeUser(server.house, sub);
  expect(await told(calm)).toEqual([undefined]);
  expect(await told(exact)).toHaveLength(SESSIONS);
});

it('an app that is in use in the session that stays is told of the others by their sid', async () => {
  const [own] = await listSessionsOf(server.house, sub);
  if (!own) throw new Error('no session');
  const source = { address: '192.0.2.1', userAgent: '', requestId: '' };
  expect(await endOtherSessions(server.house, own, source)).toBe(SESSIONS - 1);
  expect((await told(calm)).sort()).toEqual(sids.filter((sid) => sid !== own.sid).toSorted());
  expect(await listSessionsOf(server.house, sub)).toHaveLength(1);
});

it('what it costs does not grow with sessions times grants', async () => {
  const user = await server.user('old-hand');
  const clientIds = [calm.client.client_id];
  await storePast(server.house, { sub: user.sub, clientIds, sessions: 1500, grants: 3000 });
  const before = process.cpuUsage();
  await setUserDisabled(server.house, user.sub, true);
  const used = process.cpuUsage(before);
  // Of the processor, whatever else the machine does: 1,500 walks over 3,000 grants took 5 s of it, this takes 0.1.
  expect((used.user + used.system) / 1e6).toBeLessThan(2);
});

it('very many apps in one session are read and told by few statements', async () => {
  const { client_id } = calm.client;
  await server.house.db.write(async (tx) => {
    for (let index = 0; index < MANY_APPS; index += 1) {
      const app = `many-${index}`;
      await tx.run(
        `INSERT INTO clients (client_id, profile, metadata, created_at, updated_at)
         SELECT $1, profile, metadata, created_at, updated_at FROM clients WHERE client_id = $2`,
        app,
        client_id,
      );
      for (const sid of sids.slice(-2)) await insertSessionClient(tx, sid, app);
    }
  });
  const { db } = server.house;
  let statements = 0;
  const counted = <Reads extends Reader>(reader: Reads): Reads => {
    const through =
      <Given extends readonly unknown[], Gives>(ask: (...given: Given) => Gives) =>
      (...given: Given) => {
        statements += 1;
        return ask(...given);
      };
    const { get, all } = reader;
    const run = 'run' in reader && { run: through(reader.run as Tx['run']) };
    return { ...reader, get: through(get) as Reader['get'], all: through(all) as Reader['all'], ...run };
  };
  const write: typeof db.write = (body) => db.write((tx) => body(counted(tx)));
  const house = { ...server.house, db: { ...counted(db), write } };
  const [first, second] = await listSessionsOf(house, sub);
  if (!first || !second) throw new Error('no sessions');
  await toldApps(house, second);
  await endSession(house, first.sid, undefined);
  await setUserDisabled(house, sub, true);
  expect(await server.house.db.all(`SELECT 1 FROM outbox WHERE destination LIKE 'many-%'`)).toHaveLength(
    2 * MANY_APPS,
  );
  expect(statements).toBeLessThan(100);
});
