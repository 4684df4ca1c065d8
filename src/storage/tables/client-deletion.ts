/** Rows of clients that are being deleted. */
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

export const LEAVES = 'leaving_at = $2, disabled_at = $2, epoch = epoch + 1';

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
