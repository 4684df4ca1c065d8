/** Which clients got a grant in which session: whom its end is told. */
import type { Reader, Tx } from '../database.ts';
import { LIVE_SESSION, SESSION_OF_USER } from './sessions.ts';

/** With each grant; nothing where it is known, or the session is gone. */
export async function insertSessionClient(tx: Tx, sid: string, clientId: string): Promise<void> {
  await tx.run(
    `INSERT INTO session_clients (sid, client_id, sub) SELECT sid, $2, sub FROM sessions WHERE sid = $1
     ON CONFLICT DO NOTHING`,
    sid,
    clientId,
  );
}

export async function listClientsOfSession(db: Reader, sid: string): Promise<string[]> {
  const rows = await db.all<{ client_id: string }>(
    'SELECT client_id FROM session_clients WHERE sid = $1 ORDER BY client_id',
    sid,
  );
  return rows.map(({ client_id }) => client_id);
}

/**
 * The clients of all live sessions of a person but `exceptSid`, each once; from one to the next by the index, however
 * many sessions each has.
 */
export async function listClientsOfUser(
  db: Reader,
  nowMs: number,
  { sub, exceptSid }: { readonly sub: string; readonly exceptSid: string },
): Promise<string[]> {
  const rows = await db.all<{ client_id: string }>(
    `WITH RECURSIVE next (client_id) AS (
       SELECT min(client_id) FROM session_clients WHERE sub = $2
       UNION ALL
       SELECT (SELECT min(client_id) FROM session_clients WHERE sub = $2 AND client_id > next.client_id)
       FROM next WHERE next.client_id IS NOT NULL)
     SELECT client_id FROM next WHERE client_id IS NOT NULL AND (
       SELECT 1 FROM ${SESSION_OF_USER} JOIN session_clients AS part ON part.sid = sessions.sid
       WHERE part.sub = $2 AND part.client_id = next.client_id AND ${LIVE_SESSION} AND sessions.sid <> $3
       ORDER BY part.sid DESC LIMIT 1) = 1
     ORDER BY client_id`,
    nowMs,
    sub,
    exceptSid,
  );
  return rows.map(({ client_id }) => client_id);
}

/** The live sessions of a person but `exceptSid` in which the client got a grant, the last seen first. */
export async function listSessionsWithClient(
  db: Reader,
  nowMs: number,
  asked: {
    readonly sub: string;
    readonly exceptSid: string;
    readonly client_id: string;
    readonly limit: number;
  },
): Promise<string[]> {
  const rows = await db.all<{ sid: string }>(
    `SELECT sessions.sid FROM ${SESSION_OF_USER}
     JOIN session_clients ON session_clients.sid = sessions.sid AND session_clients.client_id = $4
     WHERE ${LIVE_SESSION} AND sessions.sub = $2 AND sessions.sid <> $3
     ORDER BY sessions.seen_at DESC, sessions.sid DESC LIMIT $5`,
    nowMs,
    asked.sub,
    asked.exceptSid,
    asked.client_id,
    asked.limit,
  );
  return rows.map(({ sid }) => sid);
}
