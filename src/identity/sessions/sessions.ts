/** Sessions: a 256-bit id in a cookie, its hash in a row. ASVS V7.2, V7.3 */
import type { RequestSource } from '../../audit/events.ts';
import { newIdentifier, newSecretValue, storageKey } from '../../lib/ids.ts';
import type { Tx } from '../../storage/database.ts';
import {
  hasMoreSessions,
  listLiveSessions,
  listSurplusSessions,
} from '../../storage/tables/session-lists.ts';
import {
  endExpiredSessions,
  endSession as endSessionRow,
  endSessionsOfUser,
  findLiveSessionOf,
  insertSession,
  rekeySession,
  replaceSessionKey,
  type SessionRow,
} from '../../storage/tables/sessions.ts';
import type { IdentityContext } from '../context.ts';
import type { PersonProof } from '../person-proof.ts';

const USER_AGENT_LENGTH = 200;
/** So many end with one sign-in, where a setting was lowered; their apps are told. */
const SURPLUS = 10;
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

/** Its epoch is its user's. */
type BegunRow = Omit<SessionRow, 'epoch'>;

export interface StartedSession {
  readonly session: Session;
  /** For the cookie; it is stored nowhere. */
  readonly cookieValue: string;
}

export interface SessionStart {
  readonly proof: PersonProof;
  readonly source: RequestSource;
  /** The session that the same user has in this browser. */
  readonly previous?: Session | undefined;
}

/**
 * A new session id for somebody who just proved who they are. A session that the same user had in this browser goes
 * on under the new id; every id that the browser had is dead (ASVS V7.2.4).
 */
export async function startSession(
  context: IdentityContext,
  tx: Tx,
  start: SessionStart,
): Promise<StartedSession> {
  const { previous } = start;
  const renewed = previous && (await renewSession(context, tx, previous, start.proof, start.source));
  if (renewed) return renewed;
  const cookieValue = newSecretValue(context.clock, context.random);
  const row = newRow(context, start, cookieValue);
  if (!(await insertSession(tx, row))) throw new Error('a session was begun for nobody');
  await boundSessions(context, tx, row, start.source);
  return { session: toSession(row), cookieValue };
}

/** Where the new session is one too many, those that were not seen for longest end. */
async function boundSessions(
  context: IdentityContext,
  tx: Tx,
  { sub, sid }: BegunRow,
  source: RequestSource,
): Promise<void> {
  const most = context.settings.sessions_per_user;
  if (!(await hasMoreSessions(tx, sub, most))) return;
  const nowMs = context.clock.nowMs();
  await endExpiredSessions(tx, nowMs, sub, SURPLUS);
  for (const surplus of await listSurplusSessions(tx, nowMs, { sub, sid, most, limit: SURPLUS })) {
    await endSessionIn(context, tx, { sid: surplus, source, reason: 'too_many_sessions' });
  }
}

/** The session under a new id, and nothing else of it changed; undefined where it is over. */
export async function rekeyedSession(
  context: IdentityContext,
  tx: Tx,
  session: Session,
): Promise<StartedSession | undefined> {
  const cookieValue = newSecretValue(context.clock, context.random);
  const isLive = await replaceSessionKey(tx, session.sid, storageKey(cookieValue));
  return isLive ? { session, cookieValue } : undefined;
}

/** The same session under a new id, its person just having proved who they are; undefined where it is over. */
export async function renewSession(
  context: IdentityContext,
  tx: Tx,
  session: Session,
  proof: PersonProof,
  source: RequestSource,
): Promise<StartedSession | undefined> {
  const cookieValue = newSecretValue(context.clock, context.random);
  const row = newRow(context, { proof, source }, cookieValue);
  if (!(await rekeySession(tx, { ...row, sid: session.sid }))) return undefined;
  const { sid, address, userAgent, createdAtMs } = session;
  return { session: { ...toSession(row), sid, address, userAgent, createdAtMs }, cookieValue };
}

/** Ends one session; false where it was over. */
export async function endSession(
  context: IdentityContext,
  sid: string,
  source: RequestSource | undefined,
): Promise<boolean> {
  return context.db.write((tx) => endSessionIn(context, tx, { sid, source }));
}

/** The same in the caller's transaction. */
export async function endSessionIn(
  context: IdentityContext,
  tx: Tx,
  end: { sid: string; sub?: string; source: RequestSource | undefined; reason?: string },
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
export async function listSessionsOf(
  context: IdentityContext,
  sub?: string,
  { limit, after }: SessionRange = { limit: PAGE },
): Promise<Session[]> {
  const before = after && { sid: after.sid, seen_at: after.seenAtMs };
  return (await listLiveSessions(context.db, context.clock.nowMs(), { limit, before }, sub)).map(toSession);
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
  context: IdentityContext,
  session: Session,
  source: RequestSource,
): Promise<number | undefined> {
  const { sub, sid } = session;
  return context.db.write(async (tx) => {
    await tx.insist?.();
    return (await isLiveIn(context, tx, session)) ? endAllSessions(context, tx, sub, sid, source) : undefined;
  });
}

/** Ends one session of its user in the name of another, or of itself; false where the other is over. */
export function endOwnSession(
  context: IdentityContext,
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
export async function endAllSessions(
  context: IdentityContext,
  tx: Tx,
  sub: string,
  exceptSid: string,
  source: RequestSource | undefined,
): Promise<number> {
  const ended = await endSessionsOfUser(tx, sub, context.clock.nowMs(), exceptSid);
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

function newRow(context: IdentityContext, { proof, source }: SessionStart, cookieValue: string): BegunRow {
  const nowMs = context.clock.nowMs();
  const expires_at = nowMs + context.settings.session_absolute_seconds * 1000;
  return {
    sid: newIdentifier(context.clock, context.random),
    session_key: storageKey(cookieValue),
    sub: proof.sub,
    auth_time: nowMs,
    amr: JSON.stringify(proof.amr),
    address: source.address,
    user_agent: source.userAgent.slice(0, USER_AGENT_LENGTH),
    created_at: nowMs,
    seen_at: nowMs,
    idle_expires_at: idleEndMs(context, expires_at),
    expires_at,
    ended_at: null,
  };
}

function idleEndMs(context: IdentityContext, expiresAtMs: number): number {
  return Math.min(context.clock.nowMs() + context.settings.session_idle_seconds * 1000, expiresAtMs);
}

/** The session as its row says. */
export function toSession(row: BegunRow): Session {
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
