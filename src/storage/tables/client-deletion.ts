/** The deletion of clients. */
import type { Reader, Tx } from '../database.ts';
import { raiseRevision } from '../revision-and-restore-times.ts';
import type { ClientRow } from './clients.ts';

/** A client being deleted, distinguished from a later one with the same client_id. It cannot be enabled (clients.ts). */
export type LeavingClient = Pick<ClientRow, 'client_id' | 'created_at'>;

/** Begins the deletion: the client is disabled and its grants are invalid. Raises the revision. */
export async function startLeaving(tx: Tx, clientId: string, nowMs: number): Promise<void> {
  await tx.run(`UPDATE clients SET ${LEAVES} WHERE client_id = $1`, clientId, nowMs);
  await raiseRevision(tx);
}

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

const LEAVES = 'leaving_at = $2, disabled_at = $2, epoch = epoch + 1';

/** The clients whose deletion has begun, the earliest first. */
export function listLeaving(db: Reader, limit: number): Promise<LeavingClient[]> {
  return db.all<LeavingClient>(
    'SELECT client_id, created_at FROM clients WHERE leaving_at IS NOT NULL ORDER BY leaving_at LIMIT $1',
    limit,
  );
}

/**
 * Deletes the client, and rows that reference it and were added during the deletion: a later client with the same client_id
 * must not be notified about sessions that it was not in. False if the client does not exist.
 */
export async function deleteLeavingClient(
  tx: Tx,
  { client_id, created_at }: LeavingClient,
): Promise<boolean> {
  if (
    (await tx.run('DELETE FROM clients WHERE client_id = $1 AND created_at = $2', client_id, created_at)) ===
    0
  )
    return false;
  await tx.run('DELETE FROM session_clients WHERE client_id = $1', client_id);
  await tx.run('DELETE FROM outbox WHERE destination = $1', client_id);
  await raiseRevision(tx);
  return true;
}
