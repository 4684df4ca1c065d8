/** Clients that registered themselves and are used no more. */
import type { Tx } from '../database.ts';
import { raiseRevision } from '../revision-and-restore-times.ts';
import { LEAVES, type LeavingClient } from './client-deletion.ts';

/**
 * After a restore it is unknown which clients were used since the backup: all that registered themselves count as used now.
 * The time only increases, so that a clock that is behind does not make a client look unused for longer.
 */
export async function countSelfRegisteredAsUsed(tx: Tx, nowMs: number): Promise<void> {
  await tx.run(
    'UPDATE clients SET last_used_at = $1 WHERE registration_token IS NOT NULL AND COALESCE(last_used_at, created_at) < $1',
    nowMs,
  );
}

/** Which clients that registered themselves are deleted as unused. Milliseconds. */
export interface DisuseLimits {
  /** It registered before this (or was restored), and never got a token. */
  readonly registeredBefore: number;
  /** It got its last token before this. */
  readonly usedBefore: number;
}

/** If the last use of a client is not recorded yet, it counts as used now. */
export async function setUnknownLastUse(tx: Tx, nowMs: number): Promise<void> {
  await tx.run(
    'UPDATE clients SET last_used_at = $1 WHERE used_at IS NOT NULL AND last_used_at IS NULL',
    nowMs,
  );
}

/** Begins the deletion of at most `limit` unused clients with a client_id after `after`. Returns their ids, sorted. */
export async function startLeavingUnused(
  tx: Tx,
  { registeredBefore, usedBefore }: DisuseLimits,
  { nowMs, after, limit }: { readonly nowMs: number; readonly after: string; readonly limit: number },
): Promise<string[]> {
  const gone = await tx.all<LeavingClient>(
    `UPDATE clients SET ${LEAVES} WHERE client_id IN (
       SELECT client_id FROM clients WHERE registration_token IS NOT NULL AND leaving_at IS NULL AND client_id > $4
       AND ((used_at IS NULL AND COALESCE(last_used_at, created_at) < $1) OR (used_at IS NOT NULL AND last_used_at < $3))
       ORDER BY client_id LIMIT $5) RETURNING client_id, created_at`,
    registeredBefore,
    nowMs,
    usedBefore,
    after,
    limit,
  );
  if (gone.length > 0) await raiseRevision(tx);
  return gone.map(({ client_id }) => client_id).sort();
}
