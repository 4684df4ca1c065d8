/** Lists of the sessions of one user or of all; every list is bounded. */
import type { Reader } from '../database.ts';
import { LIVE_SESSION, type SessionRow, WITH_USER } from './sessions.ts';

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
