/** The same work with a thousand, a hundred thousand and a million stored grants, in turn. */
import { type Row, runRounds } from './rounds.ts';
import { startGatehouse } from './subjects/gatehouse.ts';
import { workloads } from './workloads.ts';

export const GRANT_COUNTS = [1000, 100_000, 1_000_000];
const LOAD = { concurrency: 64, seconds: 1.5 };
const ROUNDS = 3;

/** The name of a subject is the number of grants that it stores. */
export async function measureGrowth(say: (line: string) => void): Promise<Row[]> {
  const subjects = [];
  try {
    for (const storedGrants of GRANT_COUNTS) {
      subjects.push(await startGatehouse(String(storedGrants), { storedGrants }));
      say(`${storedGrants} grants stored`);
    }
    return await runRounds({ subjects, workloads, loads: [LOAD], rounds: ROUNDS }, say);
  } finally {
    await Promise.all(subjects.map((subject) => subject.stop()));
  }
}
