/** The ratios alone, in two minutes. */
import { GOAL_CONCURRENCY, goals } from './goals.ts';
import { ratioTable } from './report.ts';
import { runRounds } from './rounds.ts';
import { startGatehouse } from './subjects/gatehouse.ts';
import { startCeiling, startOidcProvider } from './subjects/peers.ts';
import { workloads } from './workloads.ts';

export async function runQuick(say: (line: string) => void): Promise<void> {
  const gatehouse = await startGatehouse('Gatehouse');
  const subjects = [gatehouse, await startOidcProvider(), await startCeiling(gatehouse)];
  try {
    const loads = [{ concurrency: GOAL_CONCURRENCY, seconds: 0.8 }];
    const rows = await runRounds({ subjects, workloads, loads, rounds: 3 }, say);
    say(ratioTable(rows, goals, GOAL_CONCURRENCY));
  } finally {
    await Promise.all(subjects.map((subject) => subject.stop()));
  }
}
