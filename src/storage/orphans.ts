import type { Reader } from './database.ts';
import { lifeCycles } from './life-cycles/index.ts';

/** Rows that point to what is not there, as each table asks for them: one sentence for each kind that was found. */
export async function findOrphans(db: Reader, nowMs: number): Promise<string[]> {
  const findings: string[] = [];
  for (const { sentence, sql, parameters } of lifeCycles.flatMap(({ orphans = [] }) => orphans)) {
    const count = Number((await db.get<{ n: number }>(sql, ...(parameters?.(nowMs) ?? [])))?.n);
    if (count > 0) findings.push(`${count} ${sentence}`);
  }
  return findings;
}
