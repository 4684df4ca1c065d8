/** Who may end which session, who is told, and what the audit has of it. ASVS V7.4 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { IdentityContext } from '../../../src/identity/context.ts';
import {
  endOtherSessions,
  endOwnSession,
  endSession,
  endSessionIn,
  endSessionsOfUser,
} from '../../../src/identity/sessions/end-sessions.ts';
import { findSession, listLiveSessions } from '../../../src/identity/sessions/find-live-sessions.ts';
import type { Session } from '../../../src/identity/sessions/session-type.ts';
import { listAuditEvents } from '../../../src/storage/tables/audit-log.ts';
import { type IdentityFixture, openIdentity, plainHasher, sourceAt } from '../identity-only.ts';

let identity: IdentityFixture;
let context: IdentityContext;
let told: string[];
beforeEach(async () => {
  identity = await openIdentity({ passwordHasher: plainHasher() });
  await identity.user();
  told = [];
  const onSessionsEnd: IdentityContext['onSessionsEnd'] = {
    one: async (_tx, sub, sid) => void told.push(`one ${sub} ${sid}`),
    all: async (_tx, sub) => void told.push(`all ${sub}`),
    rest: async () => {},
  };
  context = { ...identity, onSessionsEnd };
});
afterEach(() => identity.close());

const source = sourceAt('192.0.2.1');
const sidsOf = (sessions: readonly Session[]) => sessions.map(({ sid }) => sid);
const live = async () => sidsOf(await listLiveSessions(identity)).sort();

async function ended() {
  await identity.audit.flush();
  const { events } = await listAuditEvents(identity.db, { limit: 100 });
  return events.filter(({ type }) => type === 'session.ended');
}

describe('one session', () => {
  it('L17 is ended once: its apps are told, and the audit has it', async () => {
    const { session } = await identity.signedIn();
    expect(await endSession(context, session.sid, source)).toBe(true);
    expect(await endSession(context, session.sid, source)).toBe(false);
    expect(await live()).toEqual([]);
    expect(told).toEqual([`one ${session.sub} ${session.sid}`]);
    expect(await ended()).toMatchObject([{ sub: session.sub, sid: session.sid }]);
  });

  it('L17 can be ended by itself or another session of the same user, and by no other user', async () => {
    await identity.user('bob');
    const here = (await identity.signedIn()).session;
    const there = (await identity.signedIn()).session;
    const foreign = (await identity.signedIn('bob')).session;
    expect(await endOwnSession(context, here, foreign.sid, source)).toBe(true);
    const named = { ...here, sid: foreign.sid };
    expect(await context.db.write((tx) => endSessionIn(context, tx, named, { source }))).toBe(false);
    expect(await live()).toEqual(sidsOf([here, there, foreign]).sort());
    expect(await endOwnSession(context, here, there.sid, source)).toBe(true);
    expect(await live()).toEqual(sidsOf([here, foreign]).sort());
    expect(await endOwnSession(context, there, here.sid, source)).toBe(false);
    expect(await live()).toEqual(sidsOf([here, foreign]).sort());
    expect(await endOwnSession(context, here, here.sid, source)).toBe(true);
    expect(await live()).toEqual([foreign.sid]);
    expect(told).toEqual([`one ${here.sub} ${there.sid}`, `one ${here.sub} ${here.sid}`]);
    const addresses = (await ended()).map(({ sid, address }) => [sid, address]);
    expect(addresses).toHaveLength(2);
    for (const { sid } of [there, here]) expect(addresses).toContainEqual([sid, source.address]);
  });
});

describe('all sessions', () => {
  it('L18 except this one end, and their number is given', async () => {
    const here = (await identity.signedIn()).session;
    await identity.signedIn();
    await identity.signedIn();
    expect(await endOtherSessions(context, here, source)).toBe(2);
    expect(await live()).toEqual([here.sid]);
    expect(told).toEqual([`all ${here.sub}`]);
    expect(await ended()).toMatchObject([{ sub: here.sub, reason: 'all_sessions', details: { ended: 2 } }]);
  });

  it('L18 are kept where the requesting one has ended', async () => {
    const here = (await identity.signedIn()).session;
    const other = (await identity.signedIn()).session;
    await endSession(identity, here.sid, source);
    expect(await endOtherSessions(context, here, source)).toBeUndefined();
    expect(await live()).toEqual([other.sid]);
    expect(told).toEqual([]);
  });

  it('of one user end, and those of no other', async () => {
    await identity.user('bob');
    const { session } = await identity.signedIn();
    const foreign = (await identity.signedIn('bob')).session;
    const count = await identity.db.write((tx) => endSessionsOfUser(context, tx, session.sub, '', source));
    expect(count).toBe(1);
    expect(await live()).toEqual([foreign.sid]);
  });
});

describe('ending', () => {
  it('L17 L18 one session, or all but this one', async () => {
    const [here, there, elsewhere] = [
      await identity.signedIn(),
      await identity.signedIn(),
      await identity.signedIn(),
    ];
    expect(await endSession(identity, there.session.sid, source)).toBe(true);
    expect(await endSession(identity, there.session.sid, source)).toBe(false);
    expect(await endOtherSessions(identity, here.session, source)).toBe(1);
    expect(await findSession(identity, elsewhere.cookieValue)).toBeUndefined();
    expect(await listLiveSessions(identity, here.session.sub)).toEqual([here.session]);
    expect(await identity.events('session.ended')).toHaveLength(2);
  });
});
