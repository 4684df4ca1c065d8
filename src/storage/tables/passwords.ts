import type { Reader, Tx } from '../database.ts';

export interface PasswordRow {
  sub: string;
  /** An argon2id PHC string. */
  hash: string;
  changed_at: number;
}

/** undefined if there is no such user, or the user has no password. */
export function findPassword(db: Reader, sub: string): Promise<PasswordRow | undefined> {
  return db.get<PasswordRow>('SELECT * FROM passwords WHERE sub = $1', sub);
}

/** Inserts or replaces the password. changed_at always increases, whatever the clock. Returns it. */
export async function putPassword(tx: Tx, row: PasswordRow): Promise<number> {
  const [put] = await tx.all<Pick<PasswordRow, 'changed_at'>>(
    `INSERT INTO passwords (sub, hash, changed_at) VALUES ($1, $2, $3)
     ON CONFLICT (sub) DO UPDATE SET hash = excluded.hash, changed_at = CASE
       WHEN passwords.changed_at < excluded.changed_at THEN excluded.changed_at ELSE passwords.changed_at + 1 END
     RETURNING changed_at`,
    row.sub,
    row.hash,
    row.changed_at,
  );
  return put?.changed_at ?? row.changed_at;
}
