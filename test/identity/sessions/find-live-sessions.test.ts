/** The session of a request, and when it was seen. ASVS V7.3 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { IdentityContext } from '../../../src/identity/context.ts';
import { endSession } from '../../../src/identity/sessions/end-sessions.ts';
import {
  findSession,
  findSessionUnseen,
  isSignedInAnywhere,
  listLiveSessions,
} from '../../../src/identity/sessions/find-live-sessions.ts';
import type { Session } from '../../../src/identity/sessions/session-type.ts';
import type { SessionRow } from '../../../src/storage/tables/sessions.ts';
import { type IdentityFixture, openIdentity, plainHasher } from '../identity-only.ts';

let identity: IdentityFixture;
beforeEach(async () => {
  identity = await openIdentity({ passwordHasher: plainHasher() });
  await identity.user();
});
afterEach(() => identity.close());

const rowOf = (sid: string) => identity.db.get<SessionRow>('SELECT * FROM sessions WHERE sid = $1', sid);
const seenAtMs = async (sid: string) => (await rowOf(sid))?.seen_at;

/** Counts the transactions. */
function counting(context: IdentityContext) {
  const counted = { writes: 0 };
  const write: IdentityContext['db']['write'] = (body) => {
    counted.writes += 1;
    return context.db.write(body);
  };
  return { counted, context: { ...context, db: { ...context.db, write } } };
}

describe('a session is marked as seen', () => {
  it('L9 in the millisecond in which a minute ends, and no transaction begins before', async () => {
    const { cookieValue, session } = await identity.signedIn();
    const { counted, context } = counting(identity);
    identity.advance(59_999);
    await findSession(context, cookieValue);
    expect(counted.writes).toBe(0);
    identity.advance(1);
    await findSession(context, cookieValue);
    expect(counted.writes).toBe(1);
    const nowMs = identity.clock.nowMs();
    expect(await rowOf(session.sid)).toMatchObject({
      seen_at: nowMs,
      idle_expires_at: nowMs + identity.settings.session_idle_seconds * 1000,
    });
  });

  it('L9 at least ten times within the idle time', async () => {
    const settings = { ...identity.settings, session_idle_seconds: 100 };
    const { cookieValue, session } = await identity.signedIn();
    identity.advance(9_999);
    await findSession({ ...identity, settings }, cookieValue);
    expect(await seenAtMs(session.sid)).toBe(session.seenAtMs);
    identity.advance(1);
    await findSession({ ...identity, settings }, cookieValue);
    expect(await seenAtMs(session.sid)).toBe(session.seenAtMs + 10_000);
  });

  it('again where a clock that was ahead marked it', async () => {
    const { cookieValue, session } = await identity.signedIn();
    identity.advance(-10_000);
    await findSession(identity, cookieValue);
    expect(await seenAtMs(session.sid)).toBe(session.seenAtMs);
    identity.advance(-1);
    await findSession(identity, cookieValue);
    expect(await seenAtMs(session.sid)).toBe(session.seenAtMs - 10_001);
  });

  it('not while another one is active', async () => {
    const { cookieValue, session } = await identity.signedIn();
    identity.advance(60_000);
    expect(await findSessionUnseen(identity, cookieValue)).toEqual(session);
    expect(await seenAtMs(session.sid)).toBe(session.seenAtMs);
    expect(await findSessionUnseen(identity, undefined)).toBeUndefined();
    expect(await findSessionUnseen(identity, `${cookieValue}x`)).toBeUndefined();
  });
});

describe('whether a user is signed in anywhere', () => {
  it('is answered for the cookie of a session that has ended', async () => {
    const first = await identity.signedIn();
    const second = await identity.signedIn();
    expect(await isSignedInAnywhere(identity, first.cookieValue)).toBe(true);
    await endSession(identity, first.session.sid, undefined);
    expect(await isSignedInAnywhere(identity, first.cookieValue)).toBe(true);
    await endSession(identity, second.session.sid, undefined);
    expect(await isSignedInAnywhere(identity, first.cookieValue)).toBe(false);
  });

  it('A074 is answered without a query for an invalid cookie', async () => {
    const get = () => Promise.reject(new Error('asked'));
    const context = { ...identity, db: { ...identity.db, get } };
    for (const value of [undefined, '', 'x', '__proto__'])
      expect(await isSignedInAnywhere(context, value)).toBe(false);
  });
});

describe('the id', () => {
  it('A074 a malformed id finds no session, without a query', async () => {
    const { cookieValue } = await identity.signedIn();
    let asked = 0;
    const get: IdentityFixture['db']['get'] = (sql, ...parameters) => {
      asked += 1;
      return identity.db.get(sql, ...parameters);
    };
    const watched = { ...identity, db: { ...identity.db, get } };
    for (const value of [
      undefined,
      '',
      '__proto__',
      `${cookieValue}x`,
      'a'.repeat(8192),
      `${cookieValue.slice(0, -1)}\n`,
    ]) {
      expect(await findSession(watched, value)).toBeUndefined();
    }
    expect(asked).toBe(0);
    expect(await findSession(watched, cookieValue)).toBeDefined();
    expect(asked).toBe(1);
  });
});

describe('its time', () => {
  const seenAt = async () => (await listLiveSessions(identity))[0]?.seenAtMs;

  it('L9 being seen is written at most once a minute', async () => {
    const { cookieValue, session } = await identity.signedIn();
    identity.advance(59_999);
    await findSession(identity, cookieValue);
    expect(await seenAt()).toBe(session.seenAtMs);
    identity.advance(1);
    await findSession(identity, cookieValue);
    expect(await seenAt()).toBe(session.seenAtMs + 60_000);
  });

  it('L9 a session in use goes on past the idle time and ends at its absolute end', async () => {
    const { cookieValue } = await identity.signedIn();
    const { session_idle_seconds: idle, session_absolute_seconds: absolute } = identity.settings;
    const stepMs = (idle - 60) * 1000;
    let livedMs = 0;
    while (livedMs + stepMs < absolute * 1000) {
      identity.advance(stepMs);
      livedMs += stepMs;
      expect(await findSession(identity, cookieValue)).toBeDefined();
    }
    identity.advance(absolute * 1000 - livedMs);
    expect(await findSession(identity, cookieValue)).toBeUndefined();
  });

  it('L9 an unused session ends', async () => {
    const { cookieValue } = await identity.signedIn();
    identity.advance(identity.settings.session_idle_seconds * 1000);
    expect(await findSession(identity, cookieValue)).toBeUndefined();
    expect(await listLiveSessions(identity)).toEqual([]);
  });
});

describe('the list', () => {
  it('has the most recently seen first, up to the limit, after the given one', async () => {
    const sessions: Session[] = [];
    for (let index = 0; index < 3; index += 1) {
      sessions.unshift((await identity.signedIn()).session);
      identity.advance(1000);
    }
    const { sub } = sessions[0] as Session;
    expect(await listLiveSessions(identity)).toEqual(sessions);
    expect(await listLiveSessions(identity, sub, { limit: 2 })).toEqual(sessions.slice(0, 2));
    expect(await listLiveSessions(identity, sub, { limit: 2, after: sessions[1] })).toEqual([sessions[2]]);
    expect(await listLiveSessions(identity, 'nobody')).toEqual([]);
  });
});
