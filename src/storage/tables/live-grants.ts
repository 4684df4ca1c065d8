/** Grants that live: a bounded list of them, and the conditions by which queries know them. */
import type { Reader } from '../database.ts';
import type { GrantRow } from './grants.ts';
import { LIVE_SESSION, SESSION_OF_USER } from './sessions.ts';

/** The tables that LIVE_GRANT refers to. */
export const GRANT_OF_PARENTS = `grants JOIN users ON users.sub = grants.sub
   JOIN clients ON clients.client_id = grants.client_id`;
/** A grant that was not ended, alone or with all of its user or client; $1 is now in milliseconds. */
export const LIVE_GRANT = `grants.revoked_at IS NULL AND grants.expires_at > $1
   AND grants.user_epoch = users.grant_epoch AND grants.client_epoch = clients.epoch`;
/** A grant that outlives its session. */
const OFFLINE_GRANT = 'grants.outlives_session = 1';

/** A live grant that can be used: its session is live too, or it outlives its session (oauth/gate-before-issuing.ts). */
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
