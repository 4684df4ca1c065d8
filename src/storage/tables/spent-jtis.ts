import type { Tx } from '../database.ts';

export interface SpentJtiRow {
  /** Time prefix of the expiry, and SHA-256 over the issuer and the jti. */
  jti_key: string;
  expires_at: number;
}

/** True for the first use of a jti before it expires. */
export async function spendJti(tx: Tx, row: SpentJtiRow): Promise<boolean> {
  const inserted = await tx.run(
    'INSERT INTO spent_jtis (jti_key, expires_at) VALUES ($1, $2) ON CONFLICT (jti_key) DO NOTHING',
    row.jti_key,
    row.expires_at,
  );
  return inserted === 1;
}
