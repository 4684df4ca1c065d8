import type { Reader, Tx } from '../database.ts';

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
}

export async function insertSession(tx: Tx, row: SessionRow): Promise<void> {
  await tx.run(
    `INSERT INTO sessions (sid, session_key, sub, auth_time, amr, address, user_agent,
       created_at, seen_at, idle_expires_at, expires_at, ended_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
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
}

/** The session if it lives at `nowMs` and its user may act. */
export function findLiveSession(
  db: Reader,
  sessionKey: string,
  nowMs: number,
): Promise<SessionRow | undefined> {
  return db.get<SessionRow>(
    `SELECT sessions.* FROM sessions JOIN users ON users.sub = sessions.sub
     WHERE session_key = $1 AND ended_at IS NULL AND idle_expires_at > $2 AND expires_at > $2
       AND users.disabled_at IS NULL`,
    sessionKey,
    nowMs,
  );
}

/** Re-authentication: the same session under a new key (ASVS V7.2.4); the old key is dead. */
export async function rekeySession(
  tx: Tx,
  row: Pick<SessionRow, 'sid' | 'session_key' | 'auth_time' | 'amr' | 'seen_at' | 'idle_expires_at'>,
): Promise<boolean> {
  const changed = await tx.run(
    `UPDATE sessions SET session_key = $2, auth_time = $3, amr = $4, seen_at = $5, idle_expires_at = $6
     WHERE sid = $1 AND ended_at IS NULL`,
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
    'UPDATE sessions SET session_key = $2 WHERE sid = $1 AND ended_at IS NULL',
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
    'UPDATE sessions SET seen_at = $2, idle_expires_at = $3 WHERE sid = $1 AND ended_at IS NULL',
    sid,
    seenAt,
    idleExpiresAt,
  );
}

/** Live sessions, of one user or of all, the last seen first. */
export function listLiveSessions(db: Reader, nowMs: number, sub?: string): Promise<SessionRow[]> {
  const live = 'SELECT * FROM sessions WHERE ended_at IS NULL AND idle_expires_at > $1 AND expires_at > $1';
  return sub === undefined
    ? db.all<SessionRow>(`${live} ORDER BY seen_at DESC`, nowMs)
    : db.all<SessionRow>(`${live} AND sub = $2 ORDER BY seen_at DESC`, nowMs, sub);
}

/** Gives whose it was; undefined where it was over. */
export async function endSession(tx: Tx, sid: string, endedAt: number): Promise<string | undefined> {
  const row = await tx.get<{ sub: string }>(
    'UPDATE sessions SET ended_at = $2 WHERE sid = $1 AND ended_at IS NULL RETURNING sub',
    sid,
    endedAt,
  );
  return row?.sub;
}

/** Ends all sessions of a user but `exceptSid`; gives which. */
export async function endSessionsOfUser(
  tx: Tx,
  sub: string,
  endedAt: number,
  exceptSid = '',
): Promise<string[]> {
  const rows = await tx.all<{ sid: string }>(
    'UPDATE sessions SET ended_at = $2 WHERE sub = $1 AND ended_at IS NULL AND sid <> $3 RETURNING sid',
    sub,
    endedAt,
    exceptSid,
  );
  return rows.map(({ sid }) => sid);
}

export function endAllSessions(tx: Tx, endedAt: number): Promise<number> {
  return tx.run('UPDATE sessions SET ended_at = $1 WHERE ended_at IS NULL', endedAt);
}
