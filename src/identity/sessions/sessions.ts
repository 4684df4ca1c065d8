/** Sessions: a 256-bit id in a cookie, its hash in a row. ASVS V7.2, V7.3 */

import type { RequestSource } from '../../audit/events.ts';
import type { Reason } from '../../lib/reason.ts';
import type { Tx } from '../../storage/database.ts';
import { listLiveSessions as listLiveSessionRows } from '../../storage/tables/session-lists.ts';
import {
  endSession as endSessionRow,
  endSessionsOfUser as endSessionRowsOfUser,
  findLiveSessionOf,
  type SessionRow,
} from '../../storage/tables/sessions.ts';
import type { IdentityContext, SessionEndContext } from '../context.ts';

const PAGE = 1000;

export interface Session {
  readonly sid: string;
  readonly sub: string;
  readonly authTimeMs: number;
  readonly amr: readonly string[];
  readonly address: string;
  readonly userAgent: string;
  readonly createdAtMs: number;
  readonly seenAtMs: number;
}

/** Ends one session; false where it was over. */
export async function endSession(
  context: SessionEndContext & Pick<IdentityContext, 'db'>,
  sid: string,
  source: RequestSource | undefined,
): Promise<boolean> {
  return context.db.write((tx) => endSessionIn(context, tx, { sid, source }));
}

/** The same in the caller's transaction. */
export async function endSessionIn(
  context: SessionEndContext,
  tx: Tx,
  end: { sid: string; sub?: string; source: RequestSource | undefined; reason?: Reason },
): Promise<boolean> {
  const sub = await endSessionRow(tx, end.sid, context.clock.nowMs());
  if (sub === undefined) return false;
  await context.onSessionsEnd.one(tx, sub, end.sid);
  context.audit.record(tx, { type: 'session.ended', ...end, sub });
  return true;
}

/** Some of a list of sessions. */
export interface SessionRange {
  readonly limit: number;
  /** After this one. */
  readonly after?: Pick<Session, 'sid' | 'seenAtMs'> | undefined;
}

/** Live sessions, of one user or of all, the last seen first. */
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

/** Whether the session lives in the transaction that acts in its name. */
export async function isLiveIn(
  { clock }: Pick<IdentityContext, 'clock'>,
  tx: Tx,
  own: Session,
): Promise<boolean> {
  return (await findLiveSessionOf(tx, clock.nowMs(), own)) !== undefined;
}

/** Ends all sessions of the user but this one; gives how many, undefined where this one is over. */
export function endOtherSessions(
  context: SessionEndContext & Pick<IdentityContext, 'db'>,
  session: Session,
  source: RequestSource,
): Promise<number | undefined> {
  const { sub, sid } = session;
  return context.db.write(async (tx) => {
    await tx.lockTableOnRetry?.();
    return (await isLiveIn(context, tx, session))
      ? endSessionsOfUser(context, tx, sub, sid, source)
      : undefined;
  });
}

/** Ends one session of its user in the name of another, or of itself; false where the other is over. */
export function endOwnSession(
  context: SessionEndContext & Pick<IdentityContext, 'db'>,
  session: Session,
  sid: string,
  source: RequestSource,
): Promise<boolean> {
  return context.db.write(async (tx) => {
    if (!(await isLiveIn(context, tx, session))) return false;
    const own = await findLiveSessionOf(tx, context.clock.nowMs(), { sub: session.sub, sid });
    if (own) await endSessionIn(context, tx, { sid: own.sid, source });
    return true;
  });
}

/** Ends all sessions of a user (but `exceptSid`) in the caller's transaction; gives how many. */
export async function endSessionsOfUser(
  context: SessionEndContext,
  tx: Tx,
  sub: string,
  exceptSid: string,
  source: RequestSource | undefined,
): Promise<number> {
  const ended = await endSessionRowsOfUser(tx, sub, context.clock.nowMs(), exceptSid);
  await context.onSessionsEnd.all(tx, sub);
  context.audit.record(tx, {
    type: 'session.ended',
    reason: 'all_sessions',
    sub,
    source,
    details: { ended },
  });
  return ended;
}

/** The session as its row says. */
export function toSession(row: Omit<SessionRow, 'epoch'>): Session {
  return {
    sid: row.sid,
    sub: row.sub,
    authTimeMs: row.auth_time,
    amr: JSON.parse(row.amr),
    address: row.address,
    userAgent: row.user_agent,
    createdAtMs: row.created_at,
    seenAtMs: row.seen_at,
  };
}
