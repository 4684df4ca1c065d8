/** How a session begins, goes on under a new id, and makes room. ASVS V7.2 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { IdentityContext } from '../../../src/identity/context.ts';
import { personProven } from '../../../src/identity/proof-user-was-authenticated.ts';
import { endSession } from '../../../src/identity/sessions/end-sessions.ts';
import { findSession, listLiveSessions } from '../../../src/identity/sessions/find-live-sessions.ts';
import type { Session } from '../../../src/identity/sessions/session-type.ts';
import {
  rekeySession,
  renewSession,
  startSession,
} from '../../../src/identity/sessions/start-or-renew-session.ts';
import type { SessionRow } from '../../../src/storage/tables/sessions.ts';
import { type IdentityFixture, openIdentity, plainHasher, sourceAt } from '../identity-only.ts';

const DAY_MS = 86_400_000;

let identity: IdentityFixture;
let sub: string;
beforeEach(async () => {
  identity = await openIdentity({ passwordHasher: plainHasher() });
  ({ sub } = await identity.user());
});
afterEach(() => identity.close());

const source = { ...sourceAt('192.0.2.1'), userAgent: 'x'.repeat(250) };

const start = (context: IdentityContext = identity, previous?: Session) =>
  context.db.write((tx) =>
    startSession(context, tx, { proof: personProven(sub, ['pwd']), source, previous }),
  );

const rowOf = ({ sid }: Session) => identity.db.get<SessionRow>('SELECT * FROM sessions WHERE sid = $1', sid);

describe('a session that begins', () => {
  it('L9 stores the user, the methods, the source and its end', async () => {
    const nowMs = identity.clock.nowMs();
    const { session } = await start();
    expect(session).toEqual({
      sid: session.sid,
      sub,
      authTimeMs: nowMs,
      amr: ['pwd'],
      address: '192.0.2.1',
      userAgent: 'x'.repeat(200),
      createdAtMs: nowMs,
      seenAtMs: nowMs,
    });
    const { session_idle_seconds: idle, session_absolute_seconds: absolute } = identity.settings;
    expect(await rowOf(session)).toMatchObject({
      idle_expires_at: nowMs + idle * 1000,
      expires_at: nowMs + absolute * 1000,
      ended_at: null,
    });
  });

  it('L9 has an idle end no later than its absolute end', async () => {
    const settings = { ...identity.settings, session_absolute_seconds: 60 };
    const { session } = await start({ ...identity, settings });
    expect((await rowOf(session))?.idle_expires_at).toBe(identity.clock.nowMs() + 60_000);
  });

  it('is refused for an unknown user', async () => {
    const proof = personProven('nobody', ['pwd']);
    const begun = identity.db.write((tx) => startSession(identity, tx, { proof, source }));
    await expect(begun).rejects.toThrow('begun for an unknown user');
  });

  it('is a new one where the previous one has ended', async () => {
    const { session: previous } = await start();
    await endSession(identity, previous.sid, source);
    const { session } = await start(identity, previous);
    expect(session.sid).not.toBe(previous.sid);
    expect(await listLiveSessions(identity)).toEqual([session]);
  });
});

describe('the sessions of one person', () => {
  const few = (): IdentityContext => ({
    ...identity,
    settings: { ...identity.settings, sessions_per_user: 2 },
  });

  it('are limited by the setting; those seen longest ago end', async () => {
    const begun: Session[] = [];
    for (let index = 0; index < 4; index += 1) {
      begun.push((await start(few())).session);
      identity.advance(1000);
    }
    expect((await listLiveSessions(identity)).map(({ sid }) => sid)).toEqual(
      begun
        .slice(2)
        .map(({ sid }) => sid)
        .reverse(),
    );
    expect((await identity.events('session.ended')).map(({ reason }) => reason)).toEqual([
      'too_many_sessions',
      'too_many_sessions',
    ]);
  });

  it('are left as they are while there is room', async () => {
    const { session } = await start();
    identity.advance(400 * DAY_MS);
    await start();
    expect((await rowOf(session))?.ended_at).toBeNull();
  });

  it('at most ten end with one sign-in, where the setting was lowered', async () => {
    for (let index = 0; index < 14; index += 1) await start();
    await start(few());
    expect(await listLiveSessions(identity)).toHaveLength(5);
  });

  it('are not counted where they have ended', async () => {
    await start();
    await start();
    identity.advance(400 * DAY_MS);
    await start(few());
    await start(few());
    expect(await identity.events('session.ended')).toEqual([]);
    expect(await listLiveSessions(identity)).toHaveLength(2);
  });
});

describe('a new id', () => {
  it('L7 changes nothing else of the session', async () => {
    const { session, cookieValue } = await start();
    identity.advance(5000);
    const rekeyed = await identity.db.write((tx) => rekeySession(identity, tx, session));
    expect(rekeyed?.session).toEqual(session);
    expect(await findSession(identity, cookieValue)).toBeUndefined();
    expect(await findSession(identity, rekeyed?.cookieValue)).toEqual(session);
  });

  it('L7 with a new proof has its time and methods, and the place and age of the session', async () => {
    const { session } = await start();
    identity.advance(5000);
    const again = { ...sourceAt('192.0.2.9'), userAgent: 'other' };
    const renewed = await identity.db.write((tx) =>
      renewSession(identity, tx, session, personProven(sub, ['pwd', 'otp']), again),
    );
    const nowMs = identity.clock.nowMs();
    const wanted = { ...session, authTimeMs: nowMs, seenAtMs: nowMs, amr: ['pwd', 'otp'] };
    expect(renewed?.session).toEqual(wanted);
    expect(await findSession(identity, renewed?.cookieValue)).toEqual(wanted);
  });

  it('L7 is not given to a session that has ended', async () => {
    const { session } = await start();
    await endSession(identity, session.sid, source);
    const proof = personProven(sub, ['pwd']);
    const ids = await identity.db.write(async (tx) => [
      await rekeySession(identity, tx, session),
      await renewSession(identity, tx, session, proof, source),
    ]);
    expect(ids).toEqual([undefined, undefined]);
  });
});
