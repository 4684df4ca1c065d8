/** The session of a request, and when it was seen. ASVS V7.3 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { IdentityContext } from '../../../src/identity/context.ts';
import {
  findSession,
  findSessionUnseen,
  isSignedInAnywhere,
  touchSession,
} from '../../../src/identity/sessions/live-session.ts';
import { endSession } from '../../../src/identity/sessions/sessions.ts';
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

  it('L9 by one of two transactions at the same time', async () => {
    const { session } = await identity.signedIn();
    const touch = () => identity.db.write((tx) => touchSession(identity, tx, session.sid));
    for (const afterMs of [5000, 54_999]) {
      identity.advance(afterMs);
      await touch();
      expect(await seenAtMs(session.sid)).toBe(session.seenAtMs);
    }
    identity.advance(1);
    await touch();
    expect(await seenAtMs(session.sid)).toBe(session.seenAtMs + 60_000);
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
