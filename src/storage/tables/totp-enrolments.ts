import type { Reader, Tx } from '../database.ts';
import { type Spent, spendRow } from '../spend-row.ts';

export interface TotpEnrolmentRow {
  /** The session in which it was begun; nobody else finds it. */
  sid: string;
  seed_sealed: string;
  expires_at: number;
}

/** The one that is begun in this session and not over. */
export function findTotpEnrolment(
  db: Reader,
  sid: string,
  nowMs: number,
): Promise<TotpEnrolmentRow | undefined> {
  return db.get<TotpEnrolmentRow>(
    'SELECT * FROM totp_enrolments WHERE sid = $1 AND expires_at > $2',
    sid,
    nowMs,
  );
}

/** Inserts it, in place of one that is over at `nowMs`; one that is not stays, as another tab may show it. */
export async function insertTotpEnrolment(tx: Tx, row: TotpEnrolmentRow, nowMs: number): Promise<void> {
  await tx.run(
    `INSERT INTO totp_enrolments (sid, seed_sealed, expires_at) SELECT sid, $2, $3 FROM sessions WHERE sid = $1
     ON CONFLICT (sid) DO UPDATE SET seed_sealed = excluded.seed_sealed, expires_at = excluded.expires_at
       WHERE totp_enrolments.expires_at <= $4`,
    row.sid,
    row.seed_sealed,
    row.expires_at,
    nowMs,
  );
}

/** Ends it; undefined where it was ended before, or is another by now. */
export function spendTotpEnrolment(
  tx: Tx,
  { sid, seed_sealed }: Pick<TotpEnrolmentRow, 'sid' | 'seed_sealed'>,
): Promise<Spent | undefined> {
  return spendRow(tx, 'DELETE FROM totp_enrolments WHERE sid = $1 AND seed_sealed = $2', sid, seed_sealed);
}

/** Gives up what was begun in this session. */
export async function forgetTotpEnrolment(tx: Tx, sid: string): Promise<void> {
  await tx.run('DELETE FROM totp_enrolments WHERE sid = $1', sid);
}
