import type { Reader } from './database.ts';

/** Rows that point to a row that is not there, where no foreign key keeps them from it. */
const questions: readonly { readonly sentence: string; readonly sql: string }[] = [
  {
    sentence: 'codes that can still be spent lead to no grant',
    sql: `SELECT count(*) AS n FROM one_time WHERE kind = 'code'
      AND NOT EXISTS (SELECT 1 FROM grants WHERE grants.grant_id = one_time.grant_id)`,
  },
  {
    sentence: 'grants hold refresh tokens without a salt or an end',
    sql: `SELECT count(*) AS n FROM grants WHERE refresh_generation IS NOT NULL
      AND (refresh_salt IS NULL OR refresh_idle_expires_at IS NULL)`,
  },
  {
    sentence: 'passwords belong to no user',
    sql: 'SELECT count(*) AS n FROM passwords WHERE NOT EXISTS (SELECT 1 FROM users WHERE users.sub = passwords.sub)',
  },
  {
    sentence: 'revisions are not one row named house',
    sql: `SELECT count(*) AS n FROM (SELECT count(*) AS rows_there FROM revisions WHERE name = 'house') AS house
      WHERE rows_there <> 1`,
  },
];

/** One sentence for each kind that was found. */
export async function findOrphans(db: Reader): Promise<string[]> {
  const findings: string[] = [];
  for (const { sentence, sql } of questions) {
    const count = Number((await db.get<{ n: number }>(sql))?.n);
    if (count > 0) findings.push(`${count} ${sentence}`);
  }
  return findings;
}
