/** How often it is written that a session is in use, and what of it that changes. ASVS V7.3 */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { endSession } from '../../../src/identity/sessions/end-sessions.ts';
import { touchMs, touchSession } from '../../../src/identity/sessions/mark-session-seen.ts';
import type { SessionRow } from '../../../src/storage/tables/sessions.ts';
import { type IdentityFixture, openIdentity, plainHasher } from '../identity-only.ts';

let identity: IdentityFixture;
beforeEach(async () => {
  identity = await openIdentity({ passwordHasher: plainHasher() });
  await identity.user();
});
afterEach(() => identity.close());

const rowOf = (sid: string) => identity.db.get<SessionRow>('SELECT * FROM sessions WHERE sid = $1', sid);
const touch = (sid: string) => identity.db.write((tx) => touchSession(identity, tx, sid));

it('L9 a minute is between two writes, or a tenth of an idle time that is shorter than ten minutes', () => {
  const between = (session_idle_seconds: number) => touchMs({ ...identity.settings, session_idle_seconds });
  expect([100, 599, 600, 601, 86_400].map(between)).toEqual([10_000, 59_900, 60_000, 60_000, 60_000]);
});

it('L9 a session is marked as seen by one of two transactions at the same time', async () => {
  const { session } = await identity.signedIn();
  for (const afterMs of [5000, 54_999]) {
    identity.advance(afterMs);
    await touch(session.sid);
    expect((await rowOf(session.sid))?.seen_at).toBe(session.seenAtMs);
  }
  identity.advance(1);
  await touch(session.sid);
  expect((await rowOf(session.sid))?.seen_at).toBe(session.seenAtMs + 60_000);
});

it('L9 its idle time begins anew, and never goes beyond its absolute end, which stays', async () => {
  const { session } = await identity.signedIn();
  const { session_idle_seconds: idle, session_absolute_seconds: absolute } = identity.settings;
  const endMs = identity.clock.nowMs() + absolute * 1000;
  const stepMs = (idle - 1) * 1000;
  while (identity.clock.nowMs() + idle * 1000 < endMs) {
    const nowMs = identity.clock.nowMs();
    await touch(session.sid);
    expect(await rowOf(session.sid)).toMatchObject({
      idle_expires_at: nowMs + idle * 1000,
      expires_at: endMs,
    });
    identity.advance(stepMs);
  }
  await touch(session.sid);
  expect(await rowOf(session.sid)).toMatchObject({
    seen_at: identity.clock.nowMs(),
    idle_expires_at: endMs,
    expires_at: endMs,
  });
});

it('a time that a clock wrote that was ahead is replaced, that of another node is not', async () => {
  const { session } = await identity.signedIn();
  identity.advance(-10_000);
  await touch(session.sid);
  expect((await rowOf(session.sid))?.seen_at).toBe(session.seenAtMs);
  identity.advance(-1);
  await touch(session.sid);
  expect((await rowOf(session.sid))?.seen_at).toBe(session.seenAtMs - 10_001);
});

it('L9 a session that has ended, or was idle for too long, does not come back', async () => {
  const ended = (await identity.signedIn()).session;
  const idle = (await identity.signedIn()).session;
  const other = (await identity.signedIn()).session;
  await endSession(identity, ended.sid, undefined);
  identity.advance(60_000);
  await touch(ended.sid);
  await touch(other.sid);
  identity.advance((identity.settings.session_idle_seconds - 60) * 1000);
  await touch(idle.sid);
  for (const { sid, seenAtMs } of [ended, idle]) expect((await rowOf(sid))?.seen_at, sid).toBe(seenAtMs);
  expect((await rowOf(other.sid))?.seen_at).toBe(other.seenAtMs + 60_000);
});
