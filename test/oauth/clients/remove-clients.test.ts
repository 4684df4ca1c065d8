/** What goes with a client and a person, however much it is, on both engines. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeUser, setUserDisabled } from '../../../src/identity/users/users.ts';
import { setClientDisabled } from '../../../src/oauth/clients/create-and-update-clients.ts';
import {
  beginDeletion,
  deleteClient,
  disuseAt,
  finishDeletions,
  forgetUnusedClients,
} from '../../../src/oauth/clients/remove-clients.ts';
import { createCleanUp } from '../../../src/storage/cleanup.ts';
import { countSelfRegisteredAsUsed } from '../../../src/storage/tables/client-deletion.ts';
import { insertClient } from '../../../src/storage/tables/clients.ts';
import { engines, startServerOn } from '../../support/engines.ts';
import {
  auditEvents,
  authorize,
  confidentialClient,
  post,
  publicClient,
  redeem,
  refresh,
  userinfo,
} from '../../support/flow.ts';
import { storePast } from '../../support/past.ts';
import type { TestServer } from '../../support/server.ts';

const MANY = 2300;

describe.each(engines)('on %s', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServerOn(engine);
  }, 120_000);
  afterAll(() => server.stop());

  const count = async (table: string, where: string, value: string) =>
    Number(
      (
        await server.gatehouse.db.get<{ n: number }>(
          `SELECT count(*) AS n FROM ${table} WHERE ${where} = $1`,
          value,
        )
      )?.n,
    );

  /** A day and more later. */
  async function cleaned(): Promise<void> {
    server.clock.advance(2 * 86_400_000);
    await createCleanUp(server.gatehouse).run();
  }

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

  it('clients that registered themselves and were never used go, with what hangs on them', async () => {
    const { sub } = await server.user('emil');
    const nowMs = server.clock.nowMs();
    const times = { created_at: nowMs - 10, updated_at: nowMs, disabled_at: null };
    const metadata = JSON.stringify((await publicClient(server)).client.metadata);
    for (const [client_id, used_at] of [
      ['unused', null],
      ['used', nowMs],
    ] as const) {
      const row = { client_id, profile: 'oauth2.1', metadata, registration_token: 'x', used_at, ...times };
      await server.gatehouse.db.write((tx) => insertClient(tx, row));
    }
    await storePast(server.gatehouse, { sub, clientIds: ['unused', 'used'], sessions: 1, grants: 3 });
    const disuse = { registeredBefore: nowMs, usedBefore: 0 };
    expect(await forgetUnusedClients(server.gatehouse, disuse)).toBe(1);
    expect(await forgetUnusedClients(server.gatehouse, disuse)).toBe(0);
    await finishDeletions(server.gatehouse.db);
    expect([
      await count('clients', 'client_id', 'unused'),
      await count('clients', 'client_id', 'used'),
    ]).toEqual([0, 1]);
    await cleaned();
    expect([
      await count('grants', 'client_id', 'unused'),
      await count('grants', 'client_id', 'used'),
    ]).toEqual([0, 3]);
  });

  describe('Y4 a client that registered itself', () => {
    const DAYS_MS = 86_400_000;

    async function stranger(client_id: string) {
      const app = await publicClient(server, { client_id });
      await server.gatehouse.db.write((tx) =>
        tx.run(`UPDATE clients SET registration_token = 'x' WHERE client_id = $1`, client_id),
      );
      return app;
    }

    async function use(app: Awaited<ReturnType<typeof stranger>>) {
      const { client_id } = app.client;
      const client = (await server.gatehouse.clients.find(client_id)) ?? app.client;
      const answer = await redeem(server, app, await authorize(server, client, { username: 'ines' }));
      expect(answer.status).toBe(200);
    }

    async function stay(...clientIds: string[]): Promise<boolean[]> {
      const nowMs = server.clock.nowMs();
      await forgetUnusedClients(server.gatehouse, disuseAt(server.gatehouse.settings, nowMs));
      await finishDeletions(server.gatehouse.db);
      const counts = await Promise.all(clientIds.map((clientId) => count('clients', 'client_id', clientId)));
      return counts.map((found) => found === 1);
    }

    it('is deleted registration_idle_days after its last token', async () => {
      await server.user('ines');
      const [once, often] = [await stranger('used-once'), await stranger('used-often')];
      await use(once);
      await use(often);
      server.clock.advance(100 * DAYS_MS);
      await use(often);
      server.clock.advance(80 * DAYS_MS);
      expect(await stay('used-once', 'used-often')).toEqual([true, true]);
      server.clock.advance(2 * DAYS_MS);
      expect(await stay('used-once', 'used-often')).toEqual([false, true]);
    });

    it('stays while it acts for itself, and its end is in the audit', async () => {
      const registered = await confidentialClient(server, {
        client_id: 'by-itself',
        redirect_uris: [],
        grant_types: ['client_credentials'],
      });
      await server.gatehouse.db.write((tx) =>
        tx.run(`UPDATE clients SET registration_token = 'x' WHERE client_id = 'by-itself'`),
      );
      const act = () => post(server, '/token', { grant_type: 'client_credentials' }, registered);
      expect((await act()).status).toBe(200);
      server.clock.advance(100 * DAYS_MS);
      expect((await act()).status).toBe(200);
      server.clock.advance(100 * DAYS_MS);
      expect(await stay('by-itself')).toEqual([true]);
      server.clock.advance(100 * DAYS_MS);
      expect(await stay('by-itself')).toEqual([false]);
      const gone = (await auditEvents(server)).find(({ client_id }) => client_id === 'by-itself');
      expect(gone).toMatchObject({ type: 'client.deleted', reason: 'unused' });
    });

    it('counts as used when a backup is restored, which does not know', async () => {
      await stranger('in-backup');
      server.clock.advance(300 * DAYS_MS);
      await server.gatehouse.db.write((tx) => countSelfRegisteredAsUsed(tx, server.clock.nowMs()));
      expect(await stay('in-backup')).toEqual([true]);
      server.clock.advance(8 * DAYS_MS);
      expect(await stay('in-backup')).toEqual([false]);
    });

    it('that was used before last uses were stored is deleted as long after the first check', async () => {
      await use(await stranger('used-before'));
      await server.gatehouse.db.write((tx) => tx.run('UPDATE clients SET last_used_at = NULL'));
      server.clock.advance(200 * DAYS_MS);
      expect(await stay('used-before')).toEqual([true]);
      server.clock.advance(182 * DAYS_MS);
      expect(await stay('used-before')).toEqual([false]);
    });
  });
});
