/** The apps that a user has authorized, and what each may do. */
import type { Reader } from '../database.ts';
import { CONSENT_HOLDS } from './consents.ts';
import { GRANT_OF_PARENTS, LIVE_GRANT } from './live-grants.ts';

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
