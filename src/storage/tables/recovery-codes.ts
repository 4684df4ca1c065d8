import type { Reader, Tx } from '../database.ts';
import { type Spent, spendRow } from '../spend-row.ts';

export interface RecoveryCodeRow {
  sub: string;
  /** SHA-256 of the code. */
  code_hash: string;
  made_at: number;
  used_at: number | null;
}

type Code = Pick<RecoveryCodeRow, 'sub' | 'code_hash'>;

/** Whether the user has this code, and did not use it. */
export async function hasUnusedRecoveryCode(db: Reader, { sub, code_hash }: Code): Promise<boolean> {
  const sql = 'SELECT sub FROM recovery_codes WHERE sub = $1 AND code_hash = $2 AND used_at IS NULL';
  return (await db.get(sql, sub, code_hash)) !== undefined;
}

/** How many the user did not use. */
export async function countUnusedRecoveryCodes(db: Reader, sub: string): Promise<number> {
  const sql = 'SELECT count(*) AS n FROM recovery_codes WHERE sub = $1 AND used_at IS NULL';
  return (await db.get<{ n: number }>(sql, sub))?.n ?? 0;
}

/** False if there is no such user any more. */
export async function insertRecoveryCode(tx: Tx, row: Omit<RecoveryCodeRow, 'used_at'>): Promise<boolean> {
  const inserted = await tx.run(
    `INSERT INTO recovery_codes (sub, code_hash, made_at)
     SELECT sub, $2, $3 FROM users WHERE sub = $1 AND leaving_at IS NULL`,
    row.sub,
    row.code_hash,
    row.made_at,
  );
  return inserted === 1;
}

/** undefined where it was used before, or is not the user's any more. */
export function spendRecoveryCode(
  tx: Tx,
  { sub, code_hash }: Code,
  nowMs: number,
): Promise<Spent | undefined> {
  return spendRow(
    tx,
    'UPDATE recovery_codes SET used_at = $3 WHERE sub = $1 AND code_hash = $2 AND used_at IS NULL',
    sub,
    code_hash,
    nowMs,
  );
}

/** All of the user, used or not; false where there were none. */
export async function deleteRecoveryCodesOf(tx: Tx, sub: string): Promise<boolean> {
  return (await tx.run('DELETE FROM recovery_codes WHERE sub = $1', sub)) > 0;
}
