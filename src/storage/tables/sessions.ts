import type { Reader, Tx } from '../database.ts';
import { raiseSessionEpoch } from './users.ts';

export interface SessionRow {
  /** The public identifier, as in ID tokens. */
  sid: string;
  /** Time prefix and SHA-256 of the cookie's value. */
  session_key: string;
  sub: string;
  auth_time: number;
  /** JSON array of RFC 8176 values. */
  amr: string;
  address: string;
  user_agent: string;
  created_at: number;
  seen_at: number;
  idle_expires_at: number;
  expires_at: number;
  ended_at: number | null;
  /** The user's session_epoch when it began; it is valid only in this one. */
  epoch: number;
}

/** A session with the grant_epoch of its user. */
export interface LiveSessionRow extends SessionRow {
  user_grant_epoch: number;
}

/** The tables that LIVE_SESSION refers to. */
export const SESSION_OF_USER = 'sessions JOIN users ON users.sub = sessions.sub';

/** The condition for a live session; $1 is now in milliseconds. */
export const LIVE_SESSION = `sessions.ended_at IS NULL AND sessions.idle_expires_at > $1 AND sessions.expires_at > $1
   AND sessions.epoch = users.session_epoch AND users.disabled_at IS NULL`;
/** The condition, on `sessions` alone, that the session was not ended, alone or with all of its user. */
const NOT_ENDED = `ended_at IS NULL AND epoch =
   (SELECT session_epoch FROM users WHERE users.sub = sessions.sub AND users.disabled_at IS NULL)`;

/** Inserts the session in the user's current epoch; false if there is no such user any more. */
export async function insertSession(tx: Tx, row: Omit<SessionRow, 'epoch'>): Promise<boolean> {
  const inserted = await tx.run(
    `INSERT INTO sessions (sid, session_key, sub, auth_time, amr, address, user_agent,
       created_at, seen_at, idle_expires_at, expires_at, ended_at, epoch)
     SELECT $1, $2, sub, $4, $5, $6, $7, $8, $9, $10, $11, $12, session_epoch
     FROM users WHERE sub = $3 AND disabled_at IS NULL`,
    row.sid,
    row.session_key,
    row.sub,
    row.auth_time,
    row.amr,
    row.address,
    row.user_agent,
    row.created_at,
    row.seen_at,
    row.idle_expires_at,
    row.expires_at,
    row.ended_at,
  );
  return inserted === 1;
}

/** The beginning of a query with LIVE_SESSION. */
export const WITH_USER = `SELECT sessions.*, users.grant_epoch AS user_grant_epoch FROM ${SESSION_OF_USER}`;

/** The session if it is live at `nowMs` and its user is enabled. */
export function findLiveSession(
  db: Reader,
  sessionKey: string,
  nowMs: number,
): Promise<LiveSessionRow | undefined> {
  return db.get<LiveSessionRow>(`${WITH_USER} WHERE session_key = $2 AND ${LIVE_SESSION}`, nowMs, sessionKey);
}

/** The same, by sid. */
export function findLiveSessionById(
  db: Reader,
  sid: string,
  nowMs: number,
): Promise<LiveSessionRow | undefined> {
  return db.get<LiveSessionRow>(`${WITH_USER} WHERE sid = $2 AND ${LIVE_SESSION}`, nowMs, sid);
}

/** Re-authentication: the same session under a new key (ASVS V7.2.4); the old key is no longer valid. */
export async function renewSession(
  tx: Tx,
  row: Pick<SessionRow, 'sid' | 'session_key' | 'auth_time' | 'amr' | 'seen_at' | 'idle_expires_at'>,
): Promise<boolean> {
  const changed = await tx.run(
    `UPDATE sessions SET session_key = $2, auth_time = $3, amr = $4, seen_at = $5, idle_expires_at = $6
     WHERE sid = $1 AND ${NOT_ENDED}`,
    row.sid,
    row.session_key,
    row.auth_time,
    row.amr,
    row.seen_at,
    row.idle_expires_at,
  );
  return changed === 1;
}

/** Changes the key and the methods; the old key is no longer valid. */
export async function strengthenSession(
  tx: Tx,
  { sid, session_key, amr }: Pick<SessionRow, 'sid' | 'session_key' | 'amr'>,
): Promise<boolean> {
  const sql = `UPDATE sessions SET session_key = $2, amr = $3 WHERE sid = $1 AND ${NOT_ENDED}`;
  return (await tx.run(sql, sid, session_key, amr)) === 1;
}

/** Changes only the key; the old one is no longer valid. */
export async function rekeySession(tx: Tx, sid: string, sessionKey: string): Promise<boolean> {
  const sql = `UPDATE sessions SET session_key = $2 WHERE sid = $1 AND ${NOT_ENDED}`;
  return (await tx.run(sql, sid, sessionKey)) === 1;
}

/** Updates a live session that was last seen at `seenBefore` or earlier, or after `seenAfter`. Milliseconds. */
export async function touchSession(
  tx: Tx,
  sid: string,
  seen: { nowMs: number; idleEnd: number; seenBefore: number; seenAfter: number },
): Promise<void> {
  await tx.run(
    `UPDATE sessions SET seen_at = $2, idle_expires_at = CASE WHEN expires_at < $3 THEN expires_at ELSE $3 END
     WHERE sid = $1 AND (seen_at <= $4 OR seen_at > $5) AND idle_expires_at > $2 AND expires_at > $2 AND ${NOT_ENDED}`,
    sid,
    seen.nowMs,
    seen.idleEnd,
    seen.seenBefore,
    seen.seenAfter,
  );
}

/** A live session of this user; undefined if it has ended or belongs to another user. */
export function findLiveSessionOf(
  db: Reader,
  nowMs: number,
  { sub, sid }: { readonly sub: string; readonly sid: string },
): Promise<SessionRow | undefined> {
  return db.get<SessionRow>(
    `${WITH_USER} WHERE sid = $2 AND sessions.sub = $3 AND ${LIVE_SESSION}`,
    nowMs,
    sid,
    sub,
  );
}

/** Sets ended_at of at most `limit` sessions of a user that are no longer live, so that later queries skip them. */
export function endExpiredSessions(tx: Tx, nowMs: number, sub: string, limit: number): Promise<number> {
  return tx.run(
    `UPDATE sessions SET ended_at = $1 WHERE sid IN (
       SELECT sid FROM ${SESSION_OF_USER}
       WHERE sessions.sub = $2 AND ended_at IS NULL AND NOT (${LIVE_SESSION}) LIMIT $3)`,
    nowMs,
    sub,
    limit,
  );
}

/** False if the session had ended before, or is another user's. */
export async function endSession(
  tx: Tx,
  { sid, sub }: Pick<SessionRow, 'sid' | 'sub'>,
  endedAt: number,
): Promise<boolean> {
  const sql = `UPDATE sessions SET ended_at = $3 WHERE sid = $1 AND sub = $2 AND ${NOT_ENDED}`;
  return (await tx.run(sql, sid, sub, endedAt)) === 1;
}

/** Ends all sessions of a user except `exceptSid`, if that one is live. Returns how many were live, 1,000 at most. */
export async function endSessionsOfUser(tx: Tx, sub: string, nowMs: number, exceptSid = ''): Promise<number> {
  const live = await countLiveSessions(tx, nowMs, sub, exceptSid);
  await tx.run(
    `UPDATE sessions SET epoch = epoch + 1 WHERE sid = $1 AND sub = $2 AND ${NOT_ENDED}`,
    exceptSid,
    sub,
  );
  await raiseSessionEpoch(tx, sub);
  return live;
}

async function countLiveSessions(db: Reader, nowMs: number, sub: string, exceptSid: string): Promise<number> {
  const row = await db.get<{ n: number }>(
    `SELECT count(*) AS n FROM (SELECT sid FROM ${SESSION_OF_USER}
       WHERE ${LIVE_SESSION} AND sessions.sub = $2 AND sid <> $3 LIMIT 1000) AS live`,
    nowMs,
    sub,
    exceptSid,
  );
  return Number(row?.n);
}

/** When the session was last seen, in milliseconds. Also finds one that ended. */
export function findSessionPlace(db: Reader, sid: string): Promise<{ seen_at: number } | undefined> {
  return db.get('SELECT seen_at FROM sessions WHERE sid = $1', sid);
}

/** Whose session it is, also of one that ended. */
export async function findUserOfSession(db: Reader, sid: string): Promise<string | undefined> {
  return (await db.get<{ sub: string }>('SELECT sub FROM sessions WHERE sid = $1', sid))?.sub;
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
