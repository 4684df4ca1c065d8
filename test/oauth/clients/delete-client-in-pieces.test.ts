/** What goes with a client and a person, however much it is, on both engines. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeUser } from '../../../src/identity/users/user-removal.ts';
import { setUserDisabled } from '../../../src/identity/users/users.ts';
import {
  beginDeletion,
  deleteClient,
  finishDeletions,
} from '../../../src/oauth/clients/delete-client-in-pieces.ts';
import { setClientDisabled } from '../../../src/oauth/clients/disable-and-enable-client.ts';
import { engines, startServerOn } from '../../support/engines.ts';
import { authorize, publicClient, redeem, refresh, userinfo } from '../../support/flow.ts';
import { storePast } from '../../support/past.ts';
import type { TestServer } from '../../support/server.ts';
import { cleanUpLater, countRows } from './rows-left.ts';

const MANY = 2300;

describe.each(engines)('on %s', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServerOn(engine);
  }, 120_000);
  afterAll(() => server.stop());

  const count = (table: string, where: string, value: string) => countRows(server, table, where, value);
  const cleaned = () => cleanUpLater(server);

  it('a client that is deleted takes all its grants and consents along, and no other’s', async () => {
    const { sub } = await server.user('carla');
    const [gone, stays] = [await publicClient(server), await publicClient(server)];
    const clientIds = [gone.client.client_id, stays.client.client_id];
    await storePast(server.gatehouse, { sub, clientIds, sessions: 1, grants: MANY });
    const authorized = await authorize(server, gone.client, { username: 'carla' });
    const tokens = (await redeem(server, gone, authorized)).body;
    expect(await deleteClient(server.gatehouse, gone.client.client_id)).toBe(true);
    expect(await deleteClient(server.gatehouse, gone.client.client_id)).toBe(false);
    const theirs = ['clients', 'grants', 'session_clients', 'consents', 'interactions', 'client_secrets'];
    for (const table of theirs.filter((table) => table !== 'grants'))
      expect(await count(table, 'client_id', gone.client.client_id), table).toBe(0);
    expect(await count('grants', 'client_id', stays.client.client_id)).toBe(MANY);
    expect((await userinfo(server, tokens.access_token)).status).toBe(401);
    // Whoever gets the same client_id does not get what it had.
    const again = await publicClient(server, { client_id: gone.client.client_id });
    expect((await refresh(server, again, tokens.refresh_token)).body.error).toBe('invalid_grant');
    expect((await userinfo(server, tokens.access_token)).status).toBe(401);
    // Its grants are good for nothing; the clean-up takes them where no client has its client_id.
    await deleteClient(server.gatehouse, gone.client.client_id);
    await cleaned();
    expect(await count('grants', 'client_id', gone.client.client_id)).toBe(0);
    expect(await count('grants', 'client_id', stays.client.client_id)).toBe(MANY);
  });

  it('a deletion that was begun by a process that ended is continued by the next', async () => {
    const { sub } = await server.user('carlo');
    const { client_id } = (await publicClient(server)).client;
    await storePast(server.gatehouse, { sub, clientIds: [client_id], sessions: 1, grants: 1 });
    expect(await beginDeletion(server.gatehouse, client_id)).toMatchObject({ client_id });
    await finishDeletions(server.gatehouse.db);
    for (const table of ['clients', 'consents', 'session_clients', 'client_secrets'])
      expect(await count(table, 'client_id', client_id), table).toBe(0);
  });

  it('a client that is being deleted cannot be enabled, and leaves nothing to the next client of its client_id', async () => {
    const { sub } = await server.user('cyril');
    const app = await publicClient(server, { client_id: 'enabled-meanwhile' });
    const { client_id } = app.client;
    await storePast(server.gatehouse, { sub, clientIds: [client_id], sessions: 1, grants: 1 });
    const authorized = await authorize(server, app.client, { username: 'cyril' });
    const tokens = (await redeem(server, app, authorized)).body;
    await beginDeletion(server.gatehouse, client_id);
    for (const disabled of [false, true])
      expect(await setClientDisabled(server.gatehouse, client_id, disabled)).toMatchObject({
        reason: 'unknown_client',
      });
    expect((await refresh(server, app, tokens.refresh_token)).body.error).toBe('invalid_client');
    await finishDeletions(server.gatehouse.db);
    server.clock.advance(1000);
    const again = await publicClient(server, { client_id });
    expect((await refresh(server, again, tokens.refresh_token)).body.error).toBe('invalid_grant');
    expect((await userinfo(server, tokens.access_token)).status).toBe(401);
  });

  const NOWHERE = 'https://192.0.2.1/logout';
  const toldOf = (client_id: string) => count('outbox', 'destination', client_id);

  it('a new client of its client_id is notified of no session of the old one, whose grants were deleted first', async () => {
    const metadata = { client_id: 'grants-gone', backchannel_logout_uri: NOWHERE };
    const { sub } = await server.user('fay');
    await authorize(server, (await publicClient(server, metadata)).client, { username: 'fay' });
    // As the clean-up takes what expired.
    await server.gatehouse.db.write((tx) => tx.run('DELETE FROM grants WHERE sub = $1', sub));
    await deleteClient(server.gatehouse, metadata.client_id);
    await publicClient(server, metadata);
    await setUserDisabled(server.gatehouse, sub, true);
    expect(await toldOf(metadata.client_id)).toBe(0);
  });

  it('a new client of its client_id does not get the notices that were not delivered yet', async () => {
    const metadata = { client_id: 'not-told-yet', backchannel_logout_uri: NOWHERE };
    const { sub } = await server.user('hal');
    await authorize(server, (await publicClient(server, metadata)).client, { username: 'hal' });
    await setUserDisabled(server.gatehouse, sub, true);
    expect(await toldOf(metadata.client_id)).toBe(1);
    await deleteClient(server.gatehouse, metadata.client_id);
    expect(await toldOf(metadata.client_id)).toBe(0);
  });

  it('a client that was meanwhile deleted and created again by another process is kept', async () => {
    const metadata = { client_id: 'deleted-twice' };
    await publicClient(server, metadata);
    const { db } = server.gatehouse;
    let writes = 0;
    const write: typeof db.write = async (body) => {
      writes += 1;
      if (writes === 2) {
        await deleteClient(server.gatehouse, metadata.client_id);
        server.clock.advance(1000);
        await publicClient(server, metadata);
      }
      return db.write(body);
    };
    await deleteClient({ ...server.gatehouse, db: { ...db, write } }, metadata.client_id);
    expect(await count('clients', 'client_id', metadata.client_id)).toBe(1);
  });

  it('a person who is deleted takes all sessions and grants along', async () => {
    const { sub } = await server.user('dora');
    const app = await publicClient(server);
    const clientIds = [app.client.client_id];
    await storePast(server.gatehouse, { sub, clientIds, sessions: 1200, grants: MANY });
    expect(await removeUser(server.gatehouse, sub)).toBe(true);
    expect(await removeUser(server.gatehouse, sub)).toBe(false);
    for (const table of ['users', 'grants', 'sessions', 'consents', 'passwords'])
      expect(await count(table, 'sub', sub), table).toBe(0);
  });
});
