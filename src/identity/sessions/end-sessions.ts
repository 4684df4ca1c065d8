/** Ends sessions: one, a person's others, or all of a person's, each audited in its transaction. ASVS V7.4 */
import type { RequestSource } from '../../audit/request-source.ts';
import type { Reason } from '../../lib/refusal-reason.ts';
import type { Tx } from '../../storage/database.ts';
import {
  endSession as endSessionRow,
  endSessionsOfUser as endSessionRowsOfUser,
  findLiveSessionOf,
  findUserOfSession,
} from '../../storage/tables/sessions.ts';
import type { IdentityContext, SessionEndContext } from '../context.ts';
import { isLiveIn } from './find-live-sessions.ts';
import { type Session, toSession } from './session-type.ts';

/** Ends one session, whosever it is: for the operator alone. False where it had ended before. */
export async function endSession(
  context: SessionEndContext & Pick<IdentityContext, 'db'>,
  sid: string,
  source: RequestSource | undefined,
): Promise<boolean> {
  return context.db.write(async (tx) => {
    const sub = await findUserOfSession(tx, sid);
    return sub !== undefined && endWithin(context, tx, { sid, sub, source });
  });
}

/** Ends this session, which its row or its cookie proved, in the caller's transaction; false where it had ended before. */
export function endSessionIn(
  context: SessionEndContext,
  tx: Tx,
  { sid, sub }: Session,
  end: { source: RequestSource; reason?: Reason },
): Promise<boolean> {
  return endWithin(context, tx, { sid, sub, ...end });
}

async function endWithin(
  context: SessionEndContext,
  tx: Tx,
  end: { sid: string; sub: string; source: RequestSource | undefined; reason?: Reason },
): Promise<boolean> {
  if (!(await endSessionRow(tx, end, context.clock.nowMs()))) return false;
  await context.onSessionsEnd.one(tx, end.sub, end.sid);
  context.audit.record(tx, { type: 'session.ended', ...end });
  return true;
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
    if (!(await isLiveIn(context, tx, session))) return undefined;
    return endSessionsOfUserAndTell(context, tx, sub, sid, source);
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
    if (own) await endSessionIn(context, tx, toSession(own), { source });
    return true;
  });
}

/** The same as {@link endSessionsOfUser}, and tells the user by mail, where a session ended. */
export async function endSessionsOfUserAndTell(
  context: SessionEndContext,
  tx: Tx,
  sub: string,
  exceptSid: string,
  source: RequestSource | undefined,
): Promise<number> {
  const ended = await endSessionsOfUser(context, tx, sub, exceptSid, source);
  // Without a source it was the operator.
  const notice = source === undefined ? 'sessions_revoked' : 'sessions_ended';
  if (ended > 0) await context.notices.tell(tx, sub, notice, { source });
  return ended;
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
