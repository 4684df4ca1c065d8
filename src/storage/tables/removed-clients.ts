/** What hangs on clients that are about to go, a bounded number of rows at a time. */
import type { Reader, Tx } from '../database.ts';
import { raiseRevision } from '../revision.ts';
import type { ClientRow } from './clients.ts';

/** One client, not another that has its client_id later; nobody can enable it (clients.ts). */
export type LeavingClient = Pick<ClientRow, 'client_id' | 'created_at'>;

/** Nothing of it is good any more. Raises the revision. */
export async function startLeaving(tx: Tx, clientId: string, nowMs: number): Promise<void> {
  await tx.run(`UPDATE clients SET ${LEAVES} WHERE client_id = $1`, clientId, nowMs);
  await raiseRevision(tx);
}

/**
 * After a restore nobody knows who was used since the backup: all of them count as used now. A clock that is behind makes
 * none look as if it had not been used for longer.
 */
export async function countSelfRegisteredAsUsed(tx: Tx, nowMs: number): Promise<void> {
  await tx.run(
    'UPDATE clients SET last_used_at = $1 WHERE registration_token IS NOT NULL AND COALESCE(last_used_at, created_at) < $1',
    nowMs,
  );
}

/** Of clients that registered themselves, those go that nobody used for so long. Milliseconds. */
export interface DisuseLimits {
  /** It registered before this (or was restored), and never got a token. */
  readonly registeredBefore: number;
  /** It got its last token before this. */
  readonly usedBefore: number;
}

/** Where the last use of a client is not known yet, it counts as used now. */
export async function setUnknownLastUse(tx: Tx, nowMs: number): Promise<void> {
  await tx.run(
    'UPDATE clients SET last_used_at = $1 WHERE used_at IS NOT NULL AND last_used_at IS NULL',
    nowMs,
  );
}

/** Which go of the next `limit` at most, in the order of their client_id, after `after`. */
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
 * Takes the client of that time, and whatever hangs on it since it was looked at: another of its client_id is told of no
 * session that it was not in. False where it is not there.
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
