/** Begins a session, gives one a new id, or renews one with a new proof. ASVS V7.2 */
import type { RequestSource } from '../../audit/request-source.ts';
import { newIdentifier, newSecretValue, storageKey } from '../../lib/time-ordered-ids-and-secrets.ts';
import type { Tx } from '../../storage/database.ts';
import { hasMoreSessions, listSurplusSessions } from '../../storage/tables/session-lists.ts';
import {
  endExpiredSessions,
  findLiveSessionOf,
  insertSession,
  rekeySession as rekeySessionRow,
  renewSession as renewSessionRow,
  type SessionRow,
  strengthenSession as strengthenSessionRow,
} from '../../storage/tables/sessions.ts';
import type { IdentityContext, SessionEndContext, SessionStartContext } from '../context.ts';
import { type PersonProof, provenBesides } from '../proof-user-was-authenticated.ts';
import { endSessionIn } from './end-sessions.ts';
import { type Session, toSession } from './session-type.ts';

const USER_AGENT_LENGTH = 200;

/** The most sessions that one sign-in ends, where the setting was lowered; their apps are notified. */
const MOST_SURPLUS = 10;

/** The insert takes the epoch from the user's row. */
type BegunRow = Omit<SessionRow, 'epoch'>;

export interface StartedSession {
  readonly session: Session;
  /** For the cookie; only its hash is stored. */
  readonly cookieValue: string;
}

export interface SessionStart {
  readonly proof: PersonProof;
  readonly source: RequestSource;
  /** The session of the same user in this browser. */
  readonly previous?: Session | undefined;
}

/**
 * A new session id for a user who just proved their identity. A session of the same user in this browser continues under the
 * new id; every id that the browser had is invalid (ASVS V7.2.4).
 */
export async function startSession(
  context: SessionStartContext,
  tx: Tx,
  start: SessionStart,
): Promise<StartedSession> {
  const { previous } = start;
  const renewed = previous && (await renewSession(context, tx, previous, start.proof, start.source));
  if (renewed) return renewed;
  const cookieValue = newSecretValue(context.clock, context.random);
  const row = newRow(context, start, cookieValue);
  if (!(await insertSession(tx, row))) throw new Error('a session was begun for an unknown user');
  await boundSessions(context, tx, row, start.source);
  return { session: toSession(row), cookieValue };
}

/** Ends the sessions that were seen longest ago, where the new one exceeds the limit. */
async function boundSessions(
  context: SessionEndContext & Pick<IdentityContext, 'settings'>,
  tx: Tx,
  { sub, sid }: BegunRow,
  source: RequestSource,
): Promise<void> {
  const most = context.settings.sessions_per_user;
  if (!(await hasMoreSessions(tx, sub, most))) return;
  const nowMs = context.clock.nowMs();
  await endExpiredSessions(tx, nowMs, sub, MOST_SURPLUS);
  for (const surplus of await listSurplusSessions(tx, nowMs, { sub, sid, most, limit: MOST_SURPLUS })) {
    await endSessionIn(context, tx, toSession(surplus), { source, reason: 'too_many_sessions' });
  }
}

/** Gives the session a new id, and changes nothing else; undefined where it has ended. */
export async function rekeySession(
  context: Pick<IdentityContext, 'clock' | 'random'>,
  tx: Tx,
  session: Session,
): Promise<StartedSession | undefined> {
  const cookieValue = newSecretValue(context.clock, context.random);
  const isLive = await rekeySessionRow(tx, session.sid, storageKey(cookieValue));
  return isLive ? { session, cookieValue } : undefined;
}

/** Gives the session a new id and the time and methods of a new proof; undefined where it has ended. */
export async function renewSession(
  context: Pick<IdentityContext, 'clock' | 'random' | 'settings'>,
  tx: Tx,
  session: Session,
  proof: PersonProof,
  source: RequestSource,
): Promise<StartedSession | undefined> {
  const cookieValue = newSecretValue(context.clock, context.random);
  const row = newRow(context, { proof, source }, cookieValue);
  if (!(await renewSessionRow(tx, { ...row, sid: session.sid }))) return undefined;
  const { sid, address, userAgent, createdAtMs } = session;
  return { session: { ...toSession(row), sid, address, userAgent, createdAtMs }, cookieValue };
}

/**
 * Gives the session a new id, and adds the methods of a second factor. `auth_time` and its ends do not change, since only
 * that factor was proven now. undefined where the session has ended. ASVS V7.2.4
 */
export async function strengthenSession(
  context: Pick<IdentityContext, 'clock' | 'random'>,
  tx: Tx,
  session: Session,
  proof: PersonProof,
): Promise<StartedSession | undefined> {
  const live = await findLiveSessionOf(tx, context.clock.nowMs(), session);
  if (live?.sub !== proof.sub) return undefined;
  const { amr } = provenBesides(toSession(live).amr, proof);
  const cookieValue = newSecretValue(context.clock, context.random);
  const row = { sid: session.sid, session_key: storageKey(cookieValue), amr: JSON.stringify(amr) };
  return (await strengthenSessionRow(tx, row)) ? { session: { ...session, amr }, cookieValue } : undefined;
}

function newRow(
  context: Pick<IdentityContext, 'clock' | 'random' | 'settings'>,
  { proof, source }: SessionStart,
  cookieValue: string,
): BegunRow {
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

function idleEndMs(context: Pick<IdentityContext, 'clock' | 'settings'>, expiresAtMs: number): number {
  return Math.min(context.clock.nowMs() + context.settings.session_idle_seconds * 1000, expiresAtMs);
}
