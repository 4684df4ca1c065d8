/**
 * Which clients got a grant in which session, and must be notified of its end. Rows are deleted once the notification is
 * stored, so that only sessions that did not end keep rows.
 */
import type { Reader, Tx } from '../database.ts';
import { SESSION_OF_USER } from './sessions.ts';

/** Whether the session of `part` was ended, alone or with all of its user. A subquery for each row. */
const IS_ENDED = `(SELECT 1 FROM ${SESSION_OF_USER} WHERE sessions.sid = part.sid
   AND (sessions.ended_at IS NOT NULL OR sessions.epoch <> users.session_epoch))`;

/** Records the client of a new grant. Changes nothing if it is recorded, or the session does not exist. */
export async function insertSessionClient(tx: Tx, sid: string, clientId: string): Promise<void> {
  await tx.run(
    `INSERT INTO session_clients (sid, client_id, sub) SELECT sid, $2, sub FROM sessions WHERE sid = $1
     ON CONFLICT DO NOTHING`,
    sid,
    clientId,
  );
}

/** The client_ids of a session, sorted, including disabled clients. */
export async function listClientsOfSession(db: Reader, sid: string): Promise<string[]> {
  const rows = await db.all<{ client_id: string }>(
    'SELECT client_id FROM session_clients WHERE sid = $1 ORDER BY client_id',
    sid,
  );
  return rows.map(({ client_id }) => client_id);
}

/**
 * The clients of all sessions of a user that were not ended, or expired; each once, from `from` on. The recursion jumps from
 * client to client in the index, however many sessions each has.
 */
export async function listClientsOfUser(
  db: Reader,
  { sub, from = '', limit }: { readonly sub: string; readonly from?: string; readonly limit: number },
): Promise<string[]> {
  const rows = await db.all<{ client_id: string }>(
    `WITH RECURSIVE next (client_id) AS (
       SELECT min(client_id) FROM session_clients WHERE sub = $1 AND client_id >= $2
       UNION ALL
       SELECT (SELECT min(client_id) FROM session_clients WHERE sub = $1 AND client_id > next.client_id)
       FROM next WHERE next.client_id IS NOT NULL)
     SELECT client_id FROM next WHERE client_id IS NOT NULL LIMIT $3`,
    sub,
    from,
    limit,
  );
  return rows.map(({ client_id }) => client_id);
}

/** Those of the clients that took part in a session of the user that was not ended, expired or not. */
export async function listClientsWithUnendedSession(
  db: Reader,
  sub: string,
  clientIds: readonly string[],
): Promise<string[]> {
  const places = clientIds.map((_id, index) => `$${index + 2}`).join(', ');
  const rows = await db.all<{ client_id: string }>(
    `SELECT client_id FROM clients WHERE client_id IN (${places}) AND
       (SELECT 1 FROM session_clients AS part WHERE part.sub = $1 AND part.client_id = clients.client_id
         AND ${IS_ENDED} IS NULL LIMIT 1) IS NOT NULL`,
    sub,
    ...clientIds,
  );
  return rows.map(({ client_id }) => client_id);
}

/** Deletes at most `limit` clients of a session and returns them. */
export async function takeClientsOfSession(tx: Tx, sid: string, limit: number): Promise<string[]> {
  const rows = await tx.all<{ client_id: string }>(
    `DELETE FROM session_clients WHERE sid = $1 AND client_id IN (
       SELECT client_id FROM session_clients WHERE sid = $1 ORDER BY client_id LIMIT $2)
     RETURNING client_id`,
    sid,
    limit,
  );
  return rows.map(({ client_id }) => client_id);
}

/**
 * Deletes a client from at most `limit` ended sessions of a user, and returns their sids. One client at a time: however many
 * rows the user has and whatever plan an engine chooses, only the rows of this client are read.
 */
export async function takeEndedSessions(
  tx: Tx,
  { sub, client_id, limit }: { readonly sub: string; readonly client_id: string; readonly limit: number },
): Promise<string[]> {
  const rows = await tx.all<{ sid: string }>(
    `DELETE FROM session_clients WHERE client_id = $2 AND sid IN (
       SELECT part.sid FROM session_clients AS part
       WHERE part.sub = $1 AND part.client_id = $2 AND ${IS_ENDED} IS NOT NULL ORDER BY part.sid LIMIT $3)
     RETURNING sid`,
    sub,
    client_id,
    limit,
  );
  return rows.map(({ sid }) => sid);
}
