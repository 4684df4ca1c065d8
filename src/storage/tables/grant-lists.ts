/** Lists of grants of a user, a client or the installation; every list is bounded. */
import type { Reader } from '../database.ts';
import { CONSENT_HOLDS } from './consents.ts';
import type { GrantRow } from './grants.ts';
import { LIVE_SESSION, SESSION_OF_USER } from './sessions.ts';

/** The tables that LIVE_GRANT refers to. */
export const GRANT_OF_PARENTS = `grants JOIN users ON users.sub = grants.sub
   JOIN clients ON clients.client_id = grants.client_id`;
/** A grant that was not ended, alone or with all of its user or client; $1 is now in milliseconds. */
const LIVE_GRANT = `grants.revoked_at IS NULL AND grants.expires_at > $1
   AND grants.user_epoch = users.grant_epoch AND grants.client_epoch = clients.epoch`;
/** A grant that outlives its session. */
const OFFLINE_GRANT = 'grants.outlives_session = 1';
/** A live grant that can be used: its session is live too, or it outlives its session (oauth/gate.ts). */
export const USABLE_GRANT = `${LIVE_GRANT} AND (${OFFLINE_GRANT}
  OR EXISTS (SELECT 1 FROM ${SESSION_OF_USER} WHERE sessions.sid = grants.sid AND ${LIVE_SESSION}))`;

/** Usable grants of one user or of all, the newest first: `limit` of them, with ids before `before`. */
export function listLiveGrants(
  db: Reader,
  nowMs: number,
  { limit, before = 'z' }: { readonly limit: number; readonly before?: string | undefined },
  sub?: string,
): Promise<GrantRow[]> {
  const live = `SELECT grants.* FROM ${GRANT_OF_PARENTS} WHERE ${USABLE_GRANT} AND grant_id < $2`;
  const order = 'ORDER BY grant_id DESC LIMIT $3';
  return sub === undefined
    ? db.all<GrantRow>(`${live} ${order}`, nowMs, before, limit)
    : db.all<GrantRow>(`${live} AND grants.sub = $4 ${order}`, nowMs, before, limit, sub);
}

/** Whether any app keeps access after all sessions of the user ended (OpenID Connect Core §11). */
export async function hasOfflineGrant(db: Reader, nowMs: number, sub: string): Promise<boolean> {
  const row = await db.get(
    `SELECT grant_id FROM ${GRANT_OF_PARENTS} WHERE ${LIVE_GRANT} AND ${OFFLINE_GRANT} AND grants.sub = $2 LIMIT 1`,
    nowMs,
    sub,
  );
  return row !== undefined;
}

/**
 * The clients with a consent or a grant of the user, live or not, after `after`. The recursion jumps from client to client in
 * the index, however many grants each has.
 */
export async function listClientsOfPerson(
  db: Reader,
  { sub, after, limit }: { readonly sub: string; readonly after: string; readonly limit: number },
): Promise<string[]> {
  const rows = await db.all<{ client_id: string }>(
    `WITH RECURSIVE next (client_id) AS (
       SELECT min(client_id) FROM grants WHERE sub = $1 AND client_id > $2
       UNION ALL
       SELECT (SELECT min(client_id) FROM grants WHERE sub = $1 AND client_id > next.client_id)
       FROM next WHERE next.client_id IS NOT NULL)
     SELECT client_id FROM (SELECT client_id FROM next WHERE client_id IS NOT NULL LIMIT $3) AS granted
     UNION
     SELECT client_id FROM (SELECT consents.client_id FROM consents
       JOIN clients ON clients.client_id = consents.client_id AND ${CONSENT_HOLDS}
       WHERE sub = $1 AND consents.client_id > $2 ORDER BY consents.client_id LIMIT $3) AS allowed
     ORDER BY client_id LIMIT $3`,
    sub,
    after,
    limit,
  );
  return rows.map(({ client_id }) => client_id);
}

/** The live grants of a user and a client that have the same access. */
export interface AccessOfGrants {
  readonly access: string;
  readonly first_at: number;
  readonly last_at: number;
}

/**
 * One row for each access, the one with the newest grant first. The times are those at which grants were made, in
 * milliseconds.
 */
export function listLiveAccess(
  db: Reader,
  nowMs: number,
  { sub, client_id }: { readonly sub: string; readonly client_id: string },
): Promise<AccessOfGrants[]> {
  return db.all<AccessOfGrants>(
    `SELECT access, min(grants.created_at) AS first_at, max(grants.created_at) AS last_at FROM ${GRANT_OF_PARENTS}
     WHERE ${LIVE_GRANT} AND grants.sub = $2 AND grants.client_id = $3 GROUP BY access ORDER BY last_at DESC`,
    nowMs,
    sub,
    client_id,
  );
}
