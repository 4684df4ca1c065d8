/** The grants of a user and a client, a few at a time: the oldest first. */
import type { Reader, Tx } from '../database.ts';
import { GRANT_OF_PARENTS, USABLE_GRANT } from './live-grants.ts';

/** A user and a client. */
export interface Pair {
  readonly sub: string;
  readonly client_id: string;
}

/** A step of a walk over the grants of a pair, the oldest first: those after `after`, up to `last`. */
export interface GrantStep {
  readonly after: string;
  readonly last: string;
}

/** The next step after `after`, with `limit` grants; undefined if there are no more grants. */
export async function nextGrantStep(
  db: Reader,
  { sub, client_id }: Pair,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<GrantStep | undefined> {
  const row = await db.get<{ last: string | null }>(
    `SELECT max(grant_id) AS last FROM (SELECT grant_id FROM grants
       WHERE sub = $1 AND client_id = $2 AND grant_id > $3 ORDER BY grant_id LIMIT $4) AS step`,
    sub,
    client_id,
    after,
    limit,
  );
  return row?.last ? { after, last: row.last } : undefined;
}

const IN_STEP =
  'grants.sub = $2 AND grants.client_id = $3 AND grants.grant_id > $4 AND grants.grant_id <= $5';

/** Ends the grants of the step. Returns how many. */
export function revokeGrantsInStep(tx: Tx, nowMs: number, pair: Pair, step: GrantStep): Promise<number> {
  return tx.run(
    `UPDATE grants SET revoked_at = $1 WHERE ${IN_STEP} AND revoked_at IS NULL`,
    nowMs,
    pair.sub,
    pair.client_id,
    step.after,
    step.last,
  );
}

/** Deletes the grants of the step that can no longer be used. Returns how many. */
export function deleteUnusableGrantsInStep(
  tx: Tx,
  nowMs: number,
  pair: Pair,
  step: GrantStep,
): Promise<number> {
  return tx.run(
    `DELETE FROM grants WHERE ${IN_STEP} AND grant_id NOT IN (
       SELECT grants.grant_id FROM ${GRANT_OF_PARENTS} WHERE ${IN_STEP} AND ${USABLE_GRANT})`,
    nowMs,
    pair.sub,
    pair.client_id,
    step.after,
    step.last,
  );
}
