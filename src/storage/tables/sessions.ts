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
  /** The user's session_epoch when it began; in another one it is over. */
  epoch: number;
}

/** A session with what its user's row says of grants. */
export interface LiveSessionRow extends SessionRow {
  user_grant_epoch: number;
}

/** What LIVE_SESSION is asked of. */
export const SESSION_OF_USER = 'sessions JOIN users ON users.sub = sessions.sub';
/** Of a session that lives; $1 is now in milliseconds. */
export const LIVE_SESSION = `sessions.ended_at IS NULL AND sessions.idle_expires_at > $1 AND sessions.expires_at > $1
   AND sessions.epoch = users.session_epoch AND users.disabled_at IS NULL`;
/** Of `sessions` alone: neither it nor all sessions of its user were ended. */
const NOT_ENDED = `ended_at IS NULL AND epoch =
   (SELECT session_epoch FROM users WHERE users.sub = sessions.sub AND users.disabled_at IS NULL)`;

/** In the epoch of its user; false where there is no such user any more. */
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

/** To be asked for LIVE_SESSION. */
export const WITH_USER = `SELECT sessions.*, users.grant_epoch AS user_grant_epoch FROM ${SESSION_OF_USER}`;

/** The session if it lives at `nowMs` and its user may act. */
export function findLiveSession(
  db: Reader,
  sessionKey: string,
  nowMs: number,
): Promise<LiveSessionRow | undefined> {
  return db.get<LiveSessionRow>(`${WITH_USER} WHERE session_key = $2 AND ${LIVE_SESSION}`, nowMs, sessionKey);
}

/** The same by its identifier. */
export function findLiveSessionById(
  db: Reader,
  sid: string,
  nowMs: number,
): Promise<LiveSessionRow | undefined> {
  return db.get<LiveSessionRow>(`${WITH_USER} WHERE sid = $2 AND ${LIVE_SESSION}`, nowMs, sid);
}

/** Re-authentication: the same session under a new key (ASVS V7.2.4); the old key is dead. */
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

/** The key and the methods change; the old key is dead. */
export async function strengthenSession(
  tx: Tx,
  { sid, session_key, amr }: Pick<SessionRow, 'sid' | 'session_key' | 'amr'>,
): Promise<boolean> {
  const sql = `UPDATE sessions SET session_key = $2, amr = $3 WHERE sid = $1 AND ${NOT_ENDED}`;
  return (await tx.run(sql, sid, session_key, amr)) === 1;
}

/** Only the key changes; the old one is dead. */
export async function rekeySession(tx: Tx, sid: string, sessionKey: string): Promise<boolean> {
  const sql = `UPDATE sessions SET session_key = $2 WHERE sid = $1 AND ${NOT_ENDED}`;
  return (await tx.run(sql, sid, sessionKey)) === 1;
}

/** A live one that was last seen at `seenBefore` or earlier, or after `seenAfter`. Milliseconds. */
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

/** A live session of this person; undefined where it is over or another's. */
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

/** Those of a person that are over are ended in name too, at most `limit`: they are looked at no more. */
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

/** Gives whose it was; undefined where it was over. */
export async function endSession(tx: Tx, sid: string, endedAt: number): Promise<string | undefined> {
  const row = await tx.get<{ sub: string }>(
    `UPDATE sessions SET ended_at = $2 WHERE sid = $1 AND ${NOT_ENDED} RETURNING sub`,
    sid,
    endedAt,
  );
  return row?.sub;
}

/** Ends all sessions of a user but `exceptSid`, if that one lives; gives how many there were, 1,000 at most. */
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
