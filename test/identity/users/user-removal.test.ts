/** `user delete` that is stopped half-way, on both engines. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishRemovals, removeUser } from '../../../src/identity/users/user-removal.ts';
import { setPassword, setUserDisabled, updateUser } from '../../../src/identity/users/users.ts';
import { engines, startServerOn } from '../../support/engines.ts';
import { auditEvents, authorize, publicClient, redeem, refresh } from '../../support/flow.ts';
import { storePast } from '../../support/past.ts';
import { PASSWORD, type TestServer } from '../../support/server.ts';
import { reasonOf } from '../identity-only.ts';

const OF_PERSON = ['users', 'grants', 'sessions', 'consents', 'passwords', 'session_clients'];

describe.each(engines)('a deletion that is stopped half-way, on %s', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServerOn(engine);
  }, 120_000);
  afterAll(() => server.stop());

  async function leftOf(sub: string): Promise<string[]> {
    const left: string[] = [];
    for (const table of OF_PERSON)
      if (await server.gatehouse.db.get(`SELECT 1 AS found FROM ${table} WHERE sub = $1`, sub))
        left.push(table);
    return left;
  }

  /** The process ends after its first transaction. */
  async function stopHalfWay(sub: string): Promise<void> {
    const { db } = server.gatehouse;
    let writes = 0;
    const write: typeof db.write = async (body) => {
      writes += 1;
      if (writes > 1) throw new Error('stopped');
      return db.write(body);
    };
    const gatehouse = { ...server.gatehouse, db: { ...db, write } };
    const onSessionsEnd = { ...gatehouse.onSessionsEnd, rest: async () => {} };
    await expect(removeUser({ ...gatehouse, onSessionsEnd }, sub)).rejects.toThrow('stopped');
  }

  async function leaving(username: string) {
    const { sub } = await server.user(username);
    const app = await publicClient(server);
    await storePast(server.gatehouse, { sub, clientIds: [app.client.client_id], sessions: 2, grants: 3 });
    const { body } = await redeem(server, app, await authorize(server, app.client, { username }));
    await stopHalfWay(sub);
    return { sub, app, refreshToken: body.refresh_token };
  }

  const deletions = async (sub: string) =>
    (await auditEvents(server)).filter((event) => event.type === 'user.deleted' && event.sub === sub);

  it('is final: no command and no token or session brings the user back', async () => {
    const { sub, app, refreshToken } = await leaving('alba');
    for (const act of [
      () => setUserDisabled(server.gatehouse, sub, false),
      () => setUserDisabled(server.gatehouse, sub, true),
      () => setPassword(server.gatehouse, sub, PASSWORD),
      () => updateUser(server.gatehouse, sub, { username: 'alma' }),
    ])
      expect(reasonOf(await act())).toBe('unknown_user');
    await expect(authorize(server, app.client, { username: 'alba' })).rejects.toThrow();
    expect((await refresh(server, app, refreshToken)).body.error).toBe('invalid_grant');
  });

  it('is finished by the server, with one event', async () => {
    const { sub } = await leaving('bela');
    await finishRemovals(server.gatehouse);
    expect(await leftOf(sub)).toEqual([]);
    expect(await deletions(sub)).toHaveLength(1);
  });

  it('is finished by a second run of the command, with one event', async () => {
    const { sub } = await leaving('cora');
    expect(await removeUser(server.gatehouse, sub)).toBe(true);
    expect(await leftOf(sub)).toEqual([]);
    expect(await deletions(sub)).toHaveLength(1);
    expect((await server.user('cora')).sub).not.toBe(sub);
  });
});
