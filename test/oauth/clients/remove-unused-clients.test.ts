/** Clients that registered themselves are removed once they are used no more, on both engines. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginDeletion, finishDeletions } from '../../../src/oauth/clients/delete-client-in-pieces.ts';
import {
  disuseAt,
  forgetUnusedClients,
  removeClients,
} from '../../../src/oauth/clients/remove-unused-clients.ts';
import { insertClient } from '../../../src/storage/tables/clients.ts';
import { countSelfRegisteredAsUsed } from '../../../src/storage/tables/disused-self-registered-clients.ts';
import { engines, startServerOn } from '../../support/engines.ts';
import {
  auditEvents,
  authorize,
  confidentialClient,
  post,
  publicClient,
  redeem,
} from '../../support/flow.ts';
import { storePast } from '../../support/past.ts';
import type { TestServer } from '../../support/server.ts';
import { cleanUpLater, countRows } from './rows-left.ts';

describe.each(engines)('on %s', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServerOn(engine);
  }, 120_000);
  afterAll(() => server.stop());

  const count = (table: string, where: string, value: string) => countRows(server, table, where, value);
  const cleaned = () => cleanUpLater(server);

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

  it('with them goes what is left of a deletion that had begun', async () => {
    for (const client_id of ['begun', 'stranger', 'operators']) await publicClient(server, { client_id });
    await server.gatehouse.db.write((tx) =>
      tx.run(`UPDATE clients SET registration_token = 'x' WHERE client_id = 'stranger'`),
    );
    await beginDeletion(server.gatehouse, 'begun');
    server.clock.advance(8 * 86_400_000);
    await removeClients(server.gatehouse);
    const counts = ['begun', 'stranger', 'operators'].map((id) => count('clients', 'client_id', id));
    expect(await Promise.all(counts)).toEqual([0, 0, 1]);
  });

  it('Y4 a client that may still have a refresh token stays; its last use is known to the day', () => {
    const DAY_MS = 86_400_000;
    const NOW = 2000 * DAY_MS;
    const days = (registration_idle_days: number, idle: number, absolute: number) => ({
      ...server.gatehouse.settings,
      registration_unused_days: 7,
      registration_idle_days,
      refresh_token_idle_seconds: idle * 86_400,
      refresh_token_absolute_seconds: absolute * 86_400,
    });
    const registeredBefore = NOW - 7 * DAY_MS;
    expect(disuseAt(days(180, 30, 90), NOW)).toEqual({ registeredBefore, usedBefore: NOW - 181 * DAY_MS });
    expect(disuseAt(days(20, 30, 90), NOW)).toEqual({ registeredBefore, usedBefore: NOW - 31 * DAY_MS });
    expect(disuseAt(days(20, 300, 90), NOW)).toEqual({ registeredBefore, usedBefore: NOW - 91 * DAY_MS });
  });
});
