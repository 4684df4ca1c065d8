import type { Tx } from '../database.ts';

export interface SpentJtiRow {
  /** The prefix of the time when it is over, and SHA-256 of whose it is and what it is. */
  jti_key: string;
  expires_at: number;
}

/** True for the first who shows it, until it is over. */
export async function spendJti(tx: Tx, row: SpentJtiRow): Promise<boolean> {
  const inserted = await tx.run(
    'INSERT INTO spent_jtis (jti_key, expires_at) VALUES ($1, $2) ON CONFLICT (jti_key) DO NOTHING',
    row.jti_key,
    row.expires_at,
  );
  return inserted === 1;
}
