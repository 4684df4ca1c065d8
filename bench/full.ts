/** Everything that bench/README.md shows. */

import { startPostgres } from '../test/support/postgres.ts';
import { bytesForEachGrant } from './disk.ts';
import { memoryGoals } from './goals.ts';
import { measureGrowth } from './growth.ts';
import { measureLogins } from './login.ts';
import { measurePast } from './past.ts';
import type { Findings } from './readme.ts';
import { runRounds } from './rounds.ts';
import { idleMemoryMb, memoryMb, type Subject } from './subject.ts';
import { PASSWORD, startGatehouse } from './subjects/gatehouse.ts';
import { startCeiling, startOidcProvider } from './subjects/peers.ts';
import { workloads } from './workloads.ts';

const CONCURRENCIES = [1, 16, 64];
const SECONDS = 1;
const ROUNDS = 3;
const FLOWS_FOR_DISK = 8000;

export async function runFull(say: (line: string) => void): Promise<Findings> {
  const postgres = await startPostgres();
  const subjects: Subject[] = [];
  try {
    const gatehouse = await startGatehouse('Gatehouse');
    subjects.push(gatehouse);
    const idleMb = await idleMemoryMb(gatehouse.pid, memoryGoals.idleMb);
    subjects.push(await startGatehouse('Gatehouse on PostgreSQL', { database: postgres.url }));
    subjects.push(await startOidcProvider(), await startCeiling(gatehouse));
    const loads = CONCURRENCIES.map((concurrency) => ({ concurrency, seconds: SECONDS }));
    const rows = await runRounds({ subjects, workloads, loads, rounds: ROUNDS }, say);
    const logins = await measureLogins(gatehouse, PASSWORD, 5);
    say('logins measured');
    const bytes = new Map<string, number>();
    for (const subject of subjects.filter(({ file }) => file !== undefined)) {
      bytes.set(subject.name, await bytesForEachGrant(subject, FLOWS_FOR_DISK));
    }
    const busyMb = memoryMb(gatehouse.pid);
    const growth = await measureGrowth(say);
    const past = await measurePast(say);
    return { rows, logins, bytes, idleMb, busyMb, growth, past, concurrencies: CONCURRENCIES };
  } finally {
    await Promise.all(subjects.map((subject) => subject.stop()));
    await postgres.stop();
  }
}
