import type { Reader, Tx } from '../database.ts';
import { type Spent, spendRow } from '../spend-row.ts';
import type { OneTimeKind } from './one-time-kinds-and-retention.ts';

export interface OneTimeRow {
  kind: OneTimeKind;
  /** Time prefix and SHA-256 of the value. */
  value_key: string;
  grant_id: string | null;
  payload: string;
  expires_at: number;
}

/** Throws if this kind has a value with the same key. */
export async function insertOneTime(tx: Tx, row: OneTimeRow): Promise<void> {
  await tx.run(
    'INSERT INTO one_time (kind, value_key, grant_id, payload, expires_at) VALUES ($1, $2, $3, $4, $5)',
    row.kind,
    row.value_key,
    row.grant_id,
    row.payload,
    row.expires_at,
  );
}

/** Reads the value without spending it. Also finds one that expired, until the clean-up deletes it. */
export function findOneTime(
  db: Reader,
  kind: OneTimeKind,
  valueKey: string,
): Promise<Pick<OneTimeRow, 'grant_id' | 'payload' | 'expires_at'> | undefined> {
  return db.get(
    'SELECT grant_id, payload, expires_at FROM one_time WHERE kind = $1 AND value_key = $2',
    kind,
    valueKey,
  );
}

/** Spends the value by deleting it: for one caller; undefined for all others and if it expired. */
export function consumeOneTime(
  tx: Tx,
  kind: OneTimeKind,
  valueKey: string,
  nowMs: number,
): Promise<Spent | undefined> {
  return spendRow(
    tx,
    'DELETE FROM one_time WHERE kind = $1 AND value_key = $2 AND expires_at > $3',
    kind,
    valueKey,
    nowMs,
  );
}
