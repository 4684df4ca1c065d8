/** The sessions that have not ended: the one of a request by its cookie, and lists. ASVS V7.3 */
import { isSecretValue, storageKey } from '../../lib/time-ordered-ids-and-secrets.ts';
import { isAheadOfClock } from '../../lib/tolerate-clock-set-back.ts';
import type { Tx } from '../../storage/database.ts';
import { listLiveSessions as listLiveSessionRows } from '../../storage/tables/session-lists.ts';
import {
  findLiveSession,
  findLiveSessionOf,
  isUserOfSessionSignedIn,
  type SessionRow,
} from '../../storage/tables/sessions.ts';
import type { IdentityContext } from '../context.ts';
import { touchMs, touchSession } from './mark-session-seen.ts';
import { type Session, toSession } from './session-type.ts';

const PAGE = 1000;

/** The live session of a cookie's value; marks it as seen, at most once a minute. */
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

/** As {@link findSession}, without marking it: for a session beside the active one, whose idle time continues. */
export async function findSessionUnseen(
  context: Pick<IdentityContext, 'clock' | 'db'>,
  cookieValue: string | undefined,
): Promise<Session | undefined> {
  const row = await findRow(context, cookieValue);
  return row && toSession(row);
}

/** Whether the user of a cookie's session, live or not, has any live session. */
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

/** A part of a list of sessions. */
export interface SessionRange {
  readonly limit: number;
  /** Begins after this session. */
  readonly after?: Pick<Session, 'sid' | 'seenAtMs'> | undefined;
}

/** Live sessions, of one user or of all, the most recently seen first. */
export async function listLiveSessions(
  context: Pick<IdentityContext, 'clock' | 'db'>,
  sub?: string,
  { limit, after }: SessionRange = { limit: PAGE },
): Promise<Session[]> {
  const before = after && { sid: after.sid, seen_at: after.seenAtMs };
  return (await listLiveSessionRows(context.db, context.clock.nowMs(), { limit, before }, sub)).map(
    toSession,
  );
}

/** Whether the session is live, in the transaction that acts on its behalf. */
export async function isLiveIn(
  { clock }: Pick<IdentityContext, 'clock'>,
  tx: Tx,
  own: Session,
): Promise<boolean> {
  return (await findLiveSessionOf(tx, clock.nowMs(), own)) !== undefined;
}
