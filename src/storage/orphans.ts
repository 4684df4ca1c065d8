import { timePrefix } from '../lib/ids.ts';
import type { Parameter, Reader } from './database.ts';

/** An expired session may be gone (cleanup.ts); none so young can be. */
const YOUNG_MS = 86_400_000;

interface Question {
  /** What was counted, and what to do. */
  readonly sentence: string;
  readonly sql: string;
  readonly parameters?: (nowMs: number) => readonly Parameter[];
}

/** Rows that point to a row that is not there, where no foreign key keeps them from it. */
const questions: readonly Question[] = [
  {
    sentence:
      'grants hang on a session that is not there, so ending it would not end them. End them: ' +
      'gatehouse grant list, then gatehouse grant revoke --user NAME --client ID',
    sql: `SELECT count(*) AS n FROM grants WHERE revoked_at IS NULL AND sid >= $1
      AND NOT EXISTS (SELECT 1 FROM sessions WHERE sessions.sid = grants.sid)`,
    parameters: (nowMs) => [timePrefix(nowMs - YOUNG_MS)],
  },
  {
    sentence:
      'grants hold refresh tokens without a salt or an end. End them: gatehouse grant revoke --user NAME --client ID',
    sql: `SELECT count(*) AS n FROM grants WHERE refresh_generation IS NOT NULL
      AND (refresh_salt IS NULL OR refresh_idle_expires_at IS NULL)`,
  },
  {
    sentence:
      'passwords belong to no user. Delete them, or restore a backup: gatehouse database restore FILE',
    sql: 'SELECT count(*) AS n FROM passwords WHERE NOT EXISTS (SELECT 1 FROM users WHERE users.sub = passwords.sub)',
  },
  {
    sentence:
      'tables of revisions lack their row named house, without which servers miss changes. ' +
      'Restore a backup: gatehouse database restore FILE',
    sql: `SELECT count(*) AS n FROM (SELECT count(*) AS rows_there FROM revisions WHERE name = 'house') AS house
      WHERE rows_there <> 1`,
  },
];

/** One sentence for each kind that was found. */
export async function findOrphans(db: Reader, nowMs: number): Promise<string[]> {
  const findings: string[] = [];
  for (const { sentence, sql, parameters } of questions) {
    const count = Number((await db.get<{ n: number }>(sql, ...(parameters?.(nowMs) ?? [])))?.n);
    if (count > 0) findings.push(`${count} ${sentence}`);
  }
  return findings;
}
