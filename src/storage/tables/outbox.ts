import type { Reader, Tx } from '../database.ts';

export type OutboxKind = 'back_channel_logout';

export interface OutboxRow {
  /** Time-ordered. */
  outbox_key: string;
  kind: OutboxKind;
  /** JSON object; never a token. */
  payload: string;
  attempts: number;
  /** Not before this time, in milliseconds; while it is being delivered, the end of the lease. */
  next_at: number;
  last_error: string | null;
  /** When it was given up. */
  dead_at: number | null;
}

export async function insertOutbox(
  tx: Tx,
  row: Pick<OutboxRow, 'outbox_key' | 'kind' | 'payload' | 'next_at'>,
): Promise<void> {
  await tx.run(
    'INSERT INTO outbox (outbox_key, kind, payload, attempts, next_at) VALUES ($1, $2, $3, 0, $4)',
    row.outbox_key,
    row.kind,
    row.payload,
    row.next_at,
  );
}

export async function hasDueOutbox(db: Reader, nowMs: number): Promise<boolean> {
  const row = await db.get(
    'SELECT 1 AS due FROM outbox WHERE dead_at IS NULL AND next_at <= $1 LIMIT 1',
    nowMs,
  );
  return row !== undefined;
}

/** Takes what is due until `leaseEndMs`, and counts the attempt: nobody else delivers it meanwhile. */
export function claimOutbox(tx: Tx, nowMs: number, leaseEndMs: number, limit: number): Promise<OutboxRow[]> {
  return tx.all<OutboxRow>(
    `UPDATE outbox SET next_at = $2, attempts = attempts + 1 WHERE outbox_key IN (
       SELECT outbox_key FROM outbox WHERE dead_at IS NULL AND next_at <= $1 ORDER BY outbox_key LIMIT $3)
     RETURNING *`,
    nowMs,
    leaseEndMs,
    limit,
  );
}

/** Delivered, or given up by the operator. */
export async function deleteOutbox(tx: Tx, key: string): Promise<boolean> {
  return (await tx.run('DELETE FROM outbox WHERE outbox_key = $1', key)) === 1;
}

export async function postponeOutbox(tx: Tx, key: string, nextAtMs: number, error: string): Promise<void> {
  await tx.run('UPDATE outbox SET next_at = $2, last_error = $3 WHERE outbox_key = $1', key, nextAtMs, error);
}

export async function buryOutbox(tx: Tx, key: string, deadAtMs: number, error: string): Promise<void> {
  await tx.run('UPDATE outbox SET dead_at = $2, last_error = $3 WHERE outbox_key = $1', key, deadAtMs, error);
}

/** Once more, from the first attempt; false where there is no such row. */
export async function reviveOutbox(tx: Tx, key: string, nowMs: number): Promise<boolean> {
  const changed = await tx.run(
    'UPDATE outbox SET dead_at = NULL, attempts = 0, next_at = $2 WHERE outbox_key = $1',
    key,
    nowMs,
  );
  return changed === 1;
}

/** What waits and what was given up, oldest first. */
export function listOutbox(db: Reader): Promise<OutboxRow[]> {
  return db.all<OutboxRow>('SELECT * FROM outbox ORDER BY outbox_key LIMIT 10000');
}
