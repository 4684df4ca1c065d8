import type { Reader, Tx } from '../database.ts';

export interface PendingSignInRow {
  /** Time prefix and SHA-256 of the cookie's value. */
  pending_key: string;
  sub: string;
  /** JSON array of RFC 8176 values. */
  amr: string;
  /** JSON array of the names of factors, any one of which completes it. */
  lacks: string;
  /** The user's session_epoch when it began; it is valid only in this one. */
  epoch: number;
  expires_at: number;
}

/** The condition for a valid one; $1 is its key, $2 now in milliseconds. */
const PENDING = `pending_key = $1 AND expires_at > $2 AND epoch =
   (SELECT session_epoch FROM users WHERE users.sub = pending_sign_ins.sub AND users.disabled_at IS NULL)`;

/** Inserts the row in the user's current epoch; false if there is no such user any more. */
export async function insertPendingSignIn(tx: Tx, row: Omit<PendingSignInRow, 'epoch'>): Promise<boolean> {
  const inserted = await tx.run(
    `INSERT INTO pending_sign_ins (pending_key, sub, amr, lacks, epoch, expires_at)
     SELECT $1, sub, $3, $4, session_epoch, $5 FROM users WHERE sub = $2 AND disabled_at IS NULL`,
    row.pending_key,
    row.sub,
    row.amr,
    row.lacks,
    row.expires_at,
  );
  return inserted === 1;
}

/** The pending sign-in, if it is valid and its user is enabled. */
export function findPendingSignIn(
  db: Reader,
  key: string,
  nowMs: number,
): Promise<PendingSignInRow | undefined> {
  return db.get<PendingSignInRow>(`SELECT * FROM pending_sign_ins WHERE ${PENDING}`, key, nowMs);
}

/** The same, and deletes it: only one caller gets it. */
export function takePendingSignIn(tx: Tx, key: string, nowMs: number): Promise<PendingSignInRow | undefined> {
  return tx.get<PendingSignInRow>(`DELETE FROM pending_sign_ins WHERE ${PENDING} RETURNING *`, key, nowMs);
}

/** Deletes the pending sign-ins of a user whose factor was replaced, as they were proven by the old one. */
export async function deletePendingSignInsOf(tx: Tx, sub: string): Promise<void> {
  await tx.run('DELETE FROM pending_sign_ins WHERE sub = $1', sub);
}

/** Deletes all but the `most` newest of a user; the given one counts as the newest, whatever the clock. */
export async function deleteSurplusPendingSignIns(
  tx: Tx,
  { sub, pending_key }: Pick<PendingSignInRow, 'sub' | 'pending_key'>,
  most: number,
): Promise<void> {
  await tx.run(
    `DELETE FROM pending_sign_ins WHERE sub = $1 AND pending_key <> $2 AND pending_key NOT IN
       (SELECT pending_key FROM pending_sign_ins WHERE sub = $1 AND pending_key <> $2
        ORDER BY pending_key DESC LIMIT $3)`,
    sub,
    pending_key,
    most - 1,
  );
}
