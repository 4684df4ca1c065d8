import type { Reader, Tx } from '../database.ts';

export interface PasswordRow {
  sub: string;
  /** An argon2id PHC string. */
  hash: string;
  changed_at: number;
}

export function findPassword(db: Reader, sub: string): Promise<PasswordRow | undefined> {
  return db.get<PasswordRow>('SELECT * FROM passwords WHERE sub = $1', sub);
}

export async function putPassword(tx: Tx, row: PasswordRow): Promise<void> {
  await tx.run(
    `INSERT INTO passwords (sub, hash, changed_at) VALUES ($1, $2, $3)
     ON CONFLICT (sub) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at`,
    row.sub,
    row.hash,
    row.changed_at,
  );
}
