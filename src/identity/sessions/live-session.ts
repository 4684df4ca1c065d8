/** The live session of a request: found by its cookie, and marked as seen. ASVS V7.3 */

import { CLOCK_SKEW_MS, isAheadOfClock } from '../../lib/clock-comparison.ts';
import { isSecretValue, storageKey } from '../../lib/ids.ts';
import type { Tx } from '../../storage/database.ts';
import { isUserOfSessionSignedIn } from '../../storage/tables/session-lists.ts';
import {
  findLiveSession,
  type SessionRow,
  touchSession as touchSessionRow,
} from '../../storage/tables/sessions.ts';
import type { IdentityContext } from '../context.ts';
import { type Session, toSession } from './sessions.ts';

/** Activity is written so often at most, and at least ten times in the time that a session may be idle. */
const touchMs = ({ session_idle_seconds }: IdentityContext['settings']) =>
  Math.min(60_000, session_idle_seconds * 100);

/** The live session of a cookie's value; marks it seen, at most once a minute. */
export async function findSession(
  context: Pick<IdentityContext, 'clock' | 'db' | 'settings'>,
  cookieValue: string | undefined,
): Promise<Session | undefined> {
  const row = await findRow(context, cookieValue);
  if (!row) return undefined;
  const nowMs = context.clock.nowMs();
  if (nowMs >= row.seen_at + touchMs(context.settings) || isAheadOfClock(row.seen_at, nowMs)) {
    await context.db.write((tx) => touchSession(context, tx, row.sid));
  }
  return toSession(row);
}

/** The same, for a session that waits while another is in use: its idle time runs on. */
export async function findSessionUnseen(
  context: Pick<IdentityContext, 'clock' | 'db'>,
  cookieValue: string | undefined,
): Promise<Session | undefined> {
  const row = await findRow(context, cookieValue);
  return row && toSession(row);
}

/** Whether the person of a cookie's session, over or not, is signed in anywhere still. */
export async function isSignedInAnywhere(
  { db, clock }: Pick<IdentityContext, 'clock' | 'db'>,
  cookieValue: string | undefined,
): Promise<boolean> {
  if (cookieValue === undefined || !isSecretValue(cookieValue)) return false;
  return isUserOfSessionSignedIn(db, storageKey(cookieValue), clock.nowMs());
}

async function findRow(
  context: Pick<IdentityContext, 'clock' | 'db'>,
  cookieValue: string | undefined,
): Promise<SessionRow | undefined> {
  if (cookieValue === undefined || !isSecretValue(cookieValue)) return undefined;
  return findLiveSession(context.db, storageKey(cookieValue), context.clock.nowMs());
}

/** Marks a live session seen, at most once a minute; its absolute end stays. */
export async function touchSession(
  { clock, settings }: Pick<IdentityContext, 'clock' | 'settings'>,
  tx: Tx,
  sid: string,
): Promise<void> {
  const nowMs = clock.nowMs();
  const idleEnd = nowMs + settings.session_idle_seconds * 1000;
  // Seen by a clock that was ahead, it would be idle for as long as that.
  const seen = { seenBefore: nowMs - touchMs(settings), seenAfter: nowMs + CLOCK_SKEW_MS };
  await touchSessionRow(tx, sid, { nowMs, idleEnd, ...seen });
}
