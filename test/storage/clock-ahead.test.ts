/** Rows that a clock wrote or cleaned that was ahead, or that of a node which is. */
import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setPassword, setUserDisabled, updateUser } from '../../src/identity/users/users.ts';
import { updateClient } from '../../src/oauth/clients/create-and-update-clients.ts';
import { createCleanUp } from '../../src/storage/cleanup.ts';
import {
  type DueRow,
  giveUpOutbox,
  insertOutbox,
  listDueOutboxOf,
  MAIL_DESTINATION,
  type OutboxRow,
  retryOutbox,
} from '../../src/storage/tables/outbox.ts';
import { engines, startServerOn } from '../support/engines.ts';
import { authorize, lastReason, post, publicClient } from '../support/flow.ts';
import { grantTypes, PASSWORD, type TestServer } from '../support/server.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe.each(engines)('on %s', (engine) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServerOn(engine);
    server.clock.hold();
  });
  afterAll(() => server.stop());

  const cleanUpAheadBy = (milliseconds: number) =>
    createCleanUp({
      ...server.gatehouse,
      clock: { nowMs: () => server.clock.nowMs() + milliseconds },
    }).run();

  it('A043 an assertion is good once, though a node that is ahead cleans up', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const { client } = await server.client({
      grant_types: ['client_credentials'],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'one' }] },
    });
    const { client_id } = client;
    const iat = Math.floor(server.clock.nowMs() / 1000);
    const claims = { iss: client_id, sub: client_id, aud: server.issuer, jti: randomUUID() };
    const client_assertion = await new SignJWT({ ...claims, iat, exp: iat + 60 })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .sign(privateKey);
    const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    const form = { grant_type: 'client_credentials', client_assertion_type, client_assertion };
    expect((await post(server, '/token', form)).status).toBe(200);
    await cleanUpAheadBy(50 * MINUTE_MS);
    expect((await post(server, '/token', form)).body.error).toBe('invalid_client');
    expect(await lastReason(server)).toBe('assertion_replayed');
    const spent = () => server.gatehouse.db.all('SELECT jti_key FROM spent_jtis');
    expect(await spent()).toHaveLength(1);
    await cleanUpAheadBy(2 * HOUR_MS);
    expect(await spent()).toHaveLength(0);
  });

  it('a user, a client and a password change later than before, also when the clock is set right', async () => {
    const { gatehouse, clock } = server;
    const { sub } = await server.user();
    const { client_id } = (await publicClient(server)).client;
    const change = async (name: string) => {
      await updateUser(gatehouse, sub, { claims: { name } });
      await updateClient(gatehouse, grantTypes, client_id, { client_name: name });
      await setPassword(gatehouse, sub, `${PASSWORD} ${name}`);
      const [row] = await gatehouse.db.all<Record<string, number>>(
        `SELECT users.updated_at AS of_user, clients.updated_at AS of_client, changed_at
         FROM users JOIN passwords USING (sub), clients WHERE sub = $1 AND client_id = $2`,
        sub,
        client_id,
      );
      return Object.values(row ?? {}).map(Number);
    };
    clock.advance(2 * HOUR_MS);
    const aheadMs = clock.nowMs();
    expect(await change('ahead')).toEqual([aheadMs, aheadMs, aheadMs]);
    clock.advance(-2 * HOUR_MS);
    expect(await change('right')).toEqual([aheadMs + 1, aheadMs + 1, aheadMs + 1]);
    clock.advance(3 * HOUR_MS);
    const laterMs = clock.nowMs();
    expect(await change('later')).toEqual([laterMs, laterMs, laterMs]);
  });

  it('a message whose wait was set by a clock ahead is sent, and one with a normal wait still waits', async () => {
    const { db, clock } = server.gatehouse;
    const message = (
      outbox_key: string,
      next_at: number,
    ): Omit<OutboxRow, 'attempts' | 'last_error' | 'dead_at'> => ({
      ...{ outbox_key, next_at, kind: 'back_channel_logout', destination: 'x', person: 'x', payload: '{}' },
      kind: 'back_channel_logout',
    });
    // It would try what is due, and put it off.
    await server.gatehouse.outbox.close();
    await db.write((tx) => tx.run('DELETE FROM outbox'));
    const nextMs = clock.nowMs() + 10 * MINUTE_MS;
    await db.write((tx) =>
      insertOutbox(tx, [message('a', clock.nowMs() + 12 * MINUTE_MS), message('b', nextMs)]),
    );
    await createCleanUp(server.gatehouse).run();
    const rows = await db.all<OutboxRow>('SELECT * FROM outbox ORDER BY outbox_key');
    expect(rows.map(({ next_at }) => Number(next_at))).toEqual([0, nextMs]);
  });

  it('a client is notified of a sign-out at once, though a clock ahead ended the session', async () => {
    const { clock } = server;
    const { db } = server.gatehouse;
    const metadata = { backchannel_logout_uri: 'https://192.0.2.1/logout' };
    const app = await publicClient(server, metadata);
    const { sub } = await server.user('dave');
    await authorize(server, app.client, { username: 'dave' });
    const isToApp = ({ destination }: DueRow) => destination !== MAIL_DESTINATION;
    const due = async () => (await listDueOutboxOf(db, sub, clock.nowMs(), 10)).filter(isToApp);
    clock.advance(HOUR_MS / 2);
    await setUserDisabled(server.gatehouse, sub, true);
    clock.advance(-HOUR_MS / 2);
    const [row] = await due();
    expect(row?.destination).toBe(app.client.client_id);
    const key = row?.outbox_key ?? '';
    // What was given up, and is to be tried once more by the operator of a machine that is ahead.
    await db.write((tx) => giveUpOutbox(tx, key, clock.nowMs(), 'no answer'));
    expect(await due()).toEqual([]);
    await db.write((tx) => retryOutbox(tx, key));
    expect(await due()).toHaveLength(1);
  });

  it('V7.3 a session that was seen while the clock was ahead is idle for no longer', async () => {
    await server.user('bob');
    const { client } = await publicClient(server);
    server.clock.advance(2 * HOUR_MS);
    const { agent } = await authorize(server, client, { username: 'bob' });
    server.clock.advance(-2 * HOUR_MS);
    expect((await agent.open(`${server.issuer}/account`)).body).toContain('bob');
    server.clock.advance(server.gatehouse.settings.session_idle_seconds * 1000 + MINUTE_MS);
    expect((await agent.open(`${server.issuer}/account`)).body).toContain('name="password"');
  });
});
