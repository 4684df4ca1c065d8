import type { Reader } from './database.ts';
import { lifeCycles } from './restore-and-cleanup-rules/index.ts';

/** Runs the orphan queries that the tables declare. One sentence for each kind of row that references a missing row. */
export async function findOrphans(db: Reader, nowMs: number): Promise<string[]> {
  const findings: string[] = [];
  for (const { sentence, sql, parameters } of lifeCycles.flatMap(({ orphans = [] }) => orphans)) {
    const count = Number((await db.get<{ n: number }>(sql, ...(parameters?.(nowMs) ?? [])))?.n);
    if (count > 0) findings.push(`${count} ${sentence}`);
  }
  return findings;
}
