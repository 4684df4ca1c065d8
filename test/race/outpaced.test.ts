/** What ends something is not put off for ever by somebody who authorizes again and again. PostgreSQL, whose writers overlap. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grantNoun } from '../../src/admin-commands/grant.ts';
import type { AdminContext } from '../../src/admin-commands/noun-and-verb-types.ts';
import { openGatehouse } from '../../src/gatehouse.ts';
import { removeUser } from '../../src/identity/users/user-removal.ts';
import { setPassword, setUserDisabled } from '../../src/identity/users/users.ts';
import { withdrawConsent } from '../../src/oauth/page-models/authorized-apps.ts';
import { endEverySession } from '../../src/oauth/page-models/end-one-or-every-session.ts';
import type { Database } from '../../src/storage/database.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { endedOrBlocked } from './meeting.ts';
import { codeOf, hashOfPassword, newScene, type Scene, startAuthorization } from './scene.ts';

const LIMIT_MS = 120_000;
const SOURCE = { address: '127.0.0.1', userAgent: 'a browser', requestId: 'race' };

let postgres: TestPostgres;
let server: TestServer;
/** Without the limits of a server, as a command has it. */
let gatehouse: AdminContext & { close(): Promise<void> };
let hash: string;

beforeAll(async () => {
  postgres = await startPostgres();
  const environment = { GATEHOUSE_DATABASE: postgres.url, GATEHOUSE_MASTER_KEY: 'k'.repeat(44) };
  server = await startServer({ environment });
  const { settings, clock, log } = server.gatehouse;
  gatehouse = { ...(await openGatehouse(settings, { clock, log })), operator: 'os:test' };
  hash = await hashOfPassword(server);
});
afterAll(async () => {
  await gatehouse.close();
  await server.stop();
  await postgres.stop();
});

const endings: Readonly<Record<string, (context: AdminContext, scene: Scene) => Promise<unknown>>> = {
  'user disable': (context, { user }) => setUserDisabled(context, user.sub, true),
  'user set-password': (context, { user }) =>
    setPassword(context, user.sub, 'what the operator set afterwards'),
  'user delete': (context, { user }) => removeUser(context, user.sub),
  'signing out everywhere': (context, { session }) =>
    endEverySession({ ...server.gatehouse, ...context }, session.session, SOURCE),
  'a consent that is withdrawn': (context, { session, app }) =>
    withdrawConsent({ ...server.gatehouse, ...context }, session.session, app.client.client_id, SOURCE),
  'grant revoke --user --client': (context, { user, app }) =>
    (grantNoun.verbs.find(({ name }) => name === 'revoke') as (typeof grantNoun.verbs)[number]).run(context, {
      user: user.sub,
      client: app.client.client_id,
    }),
};

/** Before each commit, somebody else's whole transaction, unless it has to wait for ours. */
function outpaced(db: Database, rival: () => Promise<unknown>): Database {
  return {
    ...db,
    write: (body) =>
      db.write(async (tx) => {
        const result = await body(tx);
        await endedOrBlocked(server, rival());
        return result;
      }),
  };
}

describe('between silent authorizations that are always faster', { timeout: LIMIT_MS }, () => {
  it.each(Object.entries(endings))('%s succeeds, and what was faster is no good', async (_name, end) => {
    const scene = await newScene(server, hash);
    const rivals: Promise<unknown>[] = [];
    const rival = () => {
      const authorized = startAuthorization(scene, 'app', { prompt: 'none' });
      rivals.push(authorized);
      return authorized;
    };
    await end({ ...gatehouse, db: outpaced(gatehouse.db, rival) }, scene);
    await Promise.all(rivals);
    expect(codeOf(await startAuthorization(scene, 'app', { prompt: 'none' }))).toBeUndefined();
    expect(rivals.length).toBeGreaterThan(1);
  });
});
