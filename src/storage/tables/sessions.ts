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

/** Of `sessions` beside `users`; $2 is now in milliseconds. */
export const LIVE_SESSION = `sessions.ended_at IS NULL AND sessions.idle_expires_at > $2 AND sessions.expires_at > $2
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

const WITH_USER = `SELECT sessions.*, users.grant_epoch AS user_grant_epoch
   FROM sessions JOIN users ON users.sub = sessions.sub`;

/** The session if it lives at `nowMs` and its user may act. */
export function findLiveSession(
  db: Reader,
  sessionKey: string,
  nowMs: number,
): Promise<LiveSessionRow | undefined> {
  return db.get<LiveSessionRow>(`${WITH_USER} WHERE session_key = $1 AND ${LIVE_SESSION}`, sessionKey, nowMs);
}

/** The same by its identifier. */
export function findLiveSessionById(
  db: Reader,
  sid: string,
  nowMs: number,
): Promise<LiveSessionRow | undefined> {
  return db.get<LiveSessionRow>(`${WITH_USER} WHERE sid = $1 AND ${LIVE_SESSION}`, sid, nowMs);
}

/** Re-authentication: the same session under a new key (ASVS V7.2.4); the old key is dead. */
export async function rekeySession(
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

/** Only the key changes; the old one is dead. */
export async function replaceSessionKey(tx: Tx, sid: string, sessionKey: string): Promise<boolean> {
  const changed = await tx.run(
    `UPDATE sessions SET session_key = $2 WHERE sid = $1 AND ${NOT_ENDED}`,
    sid,
    sessionKey,
  );
  return changed === 1;
}

export async function touchSession(
  tx: Tx,
  sid: string,
  seenAt: number,
  idleExpiresAt: number,
): Promise<void> {
  await tx.run(
    `UPDATE sessions SET seen_at = $2, idle_expires_at = $3 WHERE sid = $1 AND ${NOT_ENDED}`,
    sid,
    seenAt,
    idleExpiresAt,
  );
}

/** Live sessions, of one user or of all, the last seen first. */
export function listLiveSessions(db: Reader, nowMs: number, sub?: string): Promise<LiveSessionRow[]> {
  return sub === undefined
    ? db.all<LiveSessionRow>(`${WITH_USER} WHERE $1 = 1 AND ${LIVE_SESSION} ORDER BY seen_at DESC`, 1, nowMs)
    : db.all<LiveSessionRow>(
        `${WITH_USER} WHERE sessions.sub = $1 AND ${LIVE_SESSION} ORDER BY seen_at DESC`,
        sub,
        nowMs,
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

/** Ends all sessions of a user but `exceptSid`, if that one lives; gives which were alive. */
export async function endSessionsOfUser(
  tx: Tx,
  sub: string,
  nowMs: number,
  exceptSid = '',
): Promise<string[]> {
  const live = await listLiveSessions(tx, nowMs, sub);
  await tx.run(
    `UPDATE sessions SET epoch = epoch + 1 WHERE sid = $1 AND sub = $2 AND ${NOT_ENDED}`,
    exceptSid,
    sub,
  );
  await raiseSessionEpoch(tx, sub);
  return live.map(({ sid }) => sid).filter((sid) => sid !== exceptSid);
}

export function endAllSessions(tx: Tx, endedAt: number): Promise<number> {
  return tx.run('UPDATE sessions SET ended_at = $1 WHERE ended_at IS NULL', endedAt);
}
