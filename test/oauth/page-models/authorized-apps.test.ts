/** The apps that somebody let in, as they see them, and how to send one away. ASVS V10.7.3 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endSession } from '../../../src/identity/sessions/end-sessions.ts';
import type { Session } from '../../../src/identity/sessions/session-type.ts';
import { accessTo } from '../../../src/oauth/access/access-set-operations.ts';
import { claimsNamed } from '../../../src/oauth/access/members/individual-claims.ts';
import { writeAccess } from '../../../src/oauth/access/stored-access.ts';
import { listApps, withdrawConsent } from '../../../src/oauth/page-models/authorized-apps.ts';
import { findConsent, putConsent } from '../../../src/storage/tables/consents.ts';
import { auditEvents, CALLBACK } from '../../support/flow.ts';
import { storePast } from '../../support/past.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { newPerson, signIn, source } from '../authorization/signed-in.ts';

let server: TestServer;
let alice: Session;
beforeAll(async () => {
  server = await startServer();
  alice = (await signIn(server, await newPerson(server, 'alice'))).session;
  for (const client_id of ['a', 'b', 'c', 'd'])
    await server.client({ client_id, client_name: `App ${client_id}`, redirect_uris: [CALLBACK] });
});
afterAll(() => server.stop());

const allow = (client_id: string, access = accessTo({ scope: ['openid'] }), sub = alice.sub) =>
  server.gatehouse.db.write((tx) =>
    putConsent(tx, { sub, client_id, access: writeAccess(access), created_at: 7, updated_at: 8 }),
  );
const list = (after = '', limit = 10) => listApps(server.gatehouse, alice, { after, limit });
const withdraw = (client_id: string, session = alice) =>
  withdrawConsent(server.gatehouse, session, client_id, source);

describe('the list', () => {
  it('has who was allowed, with what, and who has a live grant though nothing is remembered', async () => {
    await allow('a', accessTo({ scope: ['openid', 'email'], claims: claimsNamed(['zoneinfo']) }));
    await storePast(server.gatehouse, { sub: alice.sub, clientIds: ['b'], sessions: 1, grants: 2 });
    const { apps, next } = await list();
    expect(next).toBeUndefined();
    expect(apps).toMatchObject([
      {
        client_id: 'a',
        clientName: 'App a',
        scopes: [{ scope: 'openid' }, { scope: 'email' }],
        claims: [{ claim: 'zoneinfo', isStandard: true }],
        allowedAtMs: 7,
        lastUsedAtMs: undefined,
      },
      { client_id: 'b', scopes: [{ scope: 'openid' }], claims: [] },
    ]);
    expect(apps[1]?.lastUsedAtMs).toBeGreaterThan(apps[1]?.allowedAtMs ?? 0);
  });

  it('is that of one person, in pieces', async () => {
    for (const client_id of ['c', 'd']) await allow(client_id);
    const bob = await newPerson(server, 'bob');
    await allow('a', accessTo({ scope: ['openid'] }), bob);
    const first = await list('', 3);
    expect([first.apps.map(({ client_id }) => client_id), first.next]).toEqual([['a', 'b', 'c'], 'c']);
    const second = await list('c', 3);
    expect([second.apps.map(({ client_id }) => client_id), second.next]).toEqual([['d'], undefined]);
  });
});

describe('withdrawing', () => {
  it('forgets the consent and ends the grants, of this app alone, and is in the audit', async () => {
    await allow('b');
    expect(await withdraw('b')).toBe(true);
    expect(await findConsent(server.gatehouse.db, alice.sub, 'b')).toBeUndefined();
    expect((await list()).apps.map(({ client_id }) => client_id)).toEqual(['a', 'c', 'd']);
    expect(await auditEvents(server)).toContainEqual(
      expect.objectContaining({ type: 'consent.withdrawn', sub: alice.sub, client_id: 'b' }),
    );
  });

  it('where there is nothing is no event', async () => {
    const before = await auditEvents(server);
    expect(await withdraw('b')).toBe(false);
    expect(await withdraw('unknown')).toBe(false);
    expect(await auditEvents(server)).toEqual(before);
  });

  it('for a session that has ended meanwhile changes nothing', async () => {
    const { session } = await signIn(server, alice.sub);
    await endSession(server.gatehouse, session.sid, undefined);
    expect(await withdraw('a', session)).toBeUndefined();
    expect(await findConsent(server.gatehouse.db, alice.sub, 'a')).toBeDefined();
  });
});
