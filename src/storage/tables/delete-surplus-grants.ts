import type { Reader, Tx } from '../database.ts';
import type { Pair } from './revoke-or-delete-grants-in-steps.ts';

/** Whether a user and a client have more than `most` grants, live or not. */
export async function hasMoreGrants(db: Reader, { sub, client_id }: Pair, most: number): Promise<boolean> {
  const row = await db.get(
    `SELECT grant_id FROM grants WHERE sub = $1 AND client_id = $2
     ORDER BY grant_id DESC LIMIT 1 OFFSET $3`,
    sub,
    client_id,
    most,
  );
  return row !== undefined;
}

/**
 * Deletes the grants beyond the newest `most` whose code was redeemed and the newest `most` whose code was not; at most
 * `limit`. Returns how many. The lifetime of a grant whose code was not redeemed is `codeMs` at most. The grant `made` stays,
 * whatever its id: the ids of others may come from a clock that is, or was, ahead of ours.
 */
export function deleteSurplusGrants(
  tx: Tx,
  { sub, client_id }: Pair,
  bound: { readonly made: string; readonly most: number; readonly limit: number; readonly codeMs: number },
): Promise<number> {
  return tx.run(
    `DELETE FROM grants WHERE grant_id IN (SELECT grant_id FROM (
       SELECT grant_id, row_number() OVER (PARTITION BY expires_at - created_at > $6
         ORDER BY CASE WHEN grant_id = $3 THEN 0 ELSE 1 END, grant_id DESC) AS place
       FROM grants WHERE sub = $1 AND client_id = $2) AS placed
     WHERE place > $4 LIMIT $5)`,
    sub,
    client_id,
    bound.made,
    bound.most,
    bound.limit,
    bound.codeMs,
  );
}
