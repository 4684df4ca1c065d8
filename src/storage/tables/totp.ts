import type { Reader, Tx } from '../database.ts';
import { type Spent, spendRow } from '../spend-row.ts';

export interface TotpRow {
  sub: string;
  /** Sealed with a nonce of its own, so that no two enrolments have the same. */
  seed_sealed: string;
  /** The number of the newest step whose code was accepted. RFC 6238 §4.2 */
  last_step: number;
  enrolled_at: number;
}

/** undefined where the user has no authenticator app. */
export function findTotp(db: Reader, sub: string): Promise<TotpRow | undefined> {
  return db.get<TotpRow>('SELECT * FROM totp WHERE sub = $1', sub);
}

/** Inserts or replaces it; false if there is no such user any more. */
export async function putTotp(tx: Tx, row: TotpRow): Promise<boolean> {
  const put = await tx.run(
    `INSERT INTO totp (sub, seed_sealed, last_step, enrolled_at)
     SELECT sub, $2, $3, $4 FROM users WHERE sub = $1 AND leaving_at IS NULL
     ON CONFLICT (sub) DO UPDATE SET seed_sealed = excluded.seed_sealed, last_step = excluded.last_step,
       enrolled_at = excluded.enrolled_at`,
    row.sub,
    row.seed_sealed,
    row.last_step,
    row.enrolled_at,
  );
  return put === 1;
}

/** Spends the step, and every earlier one; undefined where it was spent, or the seed is another by now. RFC 6238 §5.2 */
export function spendTotpStep(
  tx: Tx,
  { sub, seed_sealed }: Pick<TotpRow, 'sub' | 'seed_sealed'>,
  step: number,
): Promise<Spent | undefined> {
  return spendRow(
    tx,
    'UPDATE totp SET last_step = $3 WHERE sub = $1 AND seed_sealed = $2 AND last_step < $3',
    sub,
    seed_sealed,
    step,
  );
}

/** False where the user has none. */
export async function deleteTotp(tx: Tx, sub: string): Promise<boolean> {
  return (await tx.run('DELETE FROM totp WHERE sub = $1', sub)) === 1;
}

/** How many users have one. */
export async function countTotp(db: Reader): Promise<number> {
  return (await db.get<{ n: number }>('SELECT count(*) AS n FROM totp'))?.n ?? 0;
}
