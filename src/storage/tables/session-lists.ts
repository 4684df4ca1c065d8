/** Lists and counts of the sessions of one user or of all. */
import type { Reader } from '../database.ts';
import { LIVE_SESSION, SESSION_OF_USER, type SessionRow, WITH_USER } from './sessions.ts';

/** When the session was last seen, in milliseconds. Also finds one that ended. */
export function findSessionPlace(db: Reader, sid: string): Promise<{ seen_at: number } | undefined> {
  return db.get('SELECT seen_at FROM sessions WHERE sid = $1', sid);
}

/** Whose session it is, also of one that ended. */
export async function findUserOfSession(db: Reader, sid: string): Promise<string | undefined> {
  return (await db.get<{ sub: string }>('SELECT sub FROM sessions WHERE sid = $1', sid))?.sub;
}

/** A page of live sessions: `limit` of them, last seen before `before`. */
export interface SessionRange {
  readonly limit: number;
  readonly before?: Pick<SessionRow, 'seen_at' | 'sid'> | undefined;
}

const BEFORE = '(sessions.seen_at < $2 OR (sessions.seen_at = $2 AND sessions.sid < $3))';

/** Live sessions of one user or of all, the last seen first. */
export function listLiveSessions(
  db: Reader,
  nowMs: number,
  { limit, before }: SessionRange,
  sub?: string,
): Promise<SessionRow[]> {
  const { seen_at, sid } = before ?? { seen_at: Number.MAX_SAFE_INTEGER, sid: '' };
  const live = `${WITH_USER} WHERE ${LIVE_SESSION} AND sessions.seen_at <= $2 AND ${BEFORE}`;
  const order = 'ORDER BY seen_at DESC, sid DESC LIMIT $4';
  return sub === undefined
    ? db.all<SessionRow>(`${live} ${order}`, nowMs, seen_at, sid, limit)
    : db.all<SessionRow>(`${live} AND sessions.sub = $5 ${order}`, nowMs, seen_at, sid, limit, sub);
}

/** Sessions of a user that have ended and are still stored, by sid after `after`. */
export function listEndedSessions(
  db: Reader,
  nowMs: number,
  { sub, after, limit }: { readonly sub: string; readonly after: string; readonly limit: number },
): Promise<SessionRow[]> {
  return db.all<SessionRow>(
    `${WITH_USER} WHERE NOT (${LIVE_SESSION}) AND sessions.sub = $2 AND sessions.sid > $3 ORDER BY sid LIMIT $4`,
    nowMs,
    sub,
    after,
    limit,
  );
}

/** Whether a user has more than `most` sessions that were not ended one by one, live or not. */
export async function hasMoreSessions(db: Reader, sub: string, most: number): Promise<boolean> {
  const row = await db.get(
    `SELECT 1 AS found FROM sessions WHERE sub = $1 AND ended_at IS NULL
     ORDER BY seen_at DESC LIMIT 1 OFFSET $2`,
    sub,
    most,
  );
  return row !== undefined;
}

/** The live sessions of a user except the `most` last seen, which always include `sid`; at most `limit`. */
export function listSurplusSessions(
  db: Reader,
  nowMs: number,
  { sub, sid, most, limit }: { sub: string; sid: string; most: number; limit: number },
): Promise<SessionRow[]> {
  return db.all<SessionRow>(
    `${WITH_USER} WHERE ${LIVE_SESSION} AND sessions.sub = $2 AND sid <> $3
     ORDER BY seen_at DESC, sid DESC LIMIT $5 OFFSET $4`,
    nowMs,
    sub,
    sid,
    most - 1,
    limit,
  );
}

/** Whether the user of this session, live or not, has any live session. */
export async function isUserOfSessionSignedIn(
  db: Reader,
  sessionKey: string,
  nowMs: number,
): Promise<boolean> {
  const row = await db.get(
    `SELECT 1 AS found FROM ${SESSION_OF_USER} WHERE ${LIVE_SESSION}
     AND sessions.sub = (SELECT sub FROM sessions WHERE session_key = $2) LIMIT 1`,
    nowMs,
    sessionKey,
  );
  return row !== undefined;
}
