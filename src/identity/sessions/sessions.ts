/** Sessions: a 256-bit id in a cookie, its hash in a row. ASVS V7.2, V7.3 */

import type { RequestSource } from '../../audit/events.ts';
import type { Reason } from '../../lib/refusal-reason.ts';
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

/** Ends one session; false where it had ended before. */
export async function endSession(
  context: SessionEndContext & Pick<IdentityContext, 'db'>,
  sid: string,
  source: RequestSource | undefined,
): Promise<boolean> {
  return context.db.write((tx) => endSessionIn(context, tx, { sid, source }));
}

/** As {@link endSession}, in the caller's transaction. */
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

/** Ends all sessions of the user except this one; gives their number, undefined where this one has ended. */
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

/** Ends the session `sid` of the same user on behalf of `session`; false where `session` has ended. */
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

/** Ends all sessions of a user except `exceptSid`, in the caller's transaction; gives their number. */
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

/** The session of a row. */
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
