/** Runs a workload on so many connections for so long, and returns its speed. */
import { openConnection } from './connection.ts';
import { cpuMicroseconds, type Subject } from './subject.ts';
import type { Load, Operation, Workload } from './workload.ts';

export interface Figures {
  readonly opsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The server's processor time for each operation, in microseconds. */
  readonly cpuMicroseconds: number;
}

/** A warm-up that is not measured, so that V8 has compiled the code: it takes two seconds for new work. */
export const FIRST_WARM_UP_SECONDS = 2;
const WARM_UP_SECONDS = 0.2;

/** Each worker has a connection of its own and sends its next request when the last was answered. */
export async function measure(
  subject: Subject,
  workload: Workload,
  load: Load,
  warmUpSeconds = WARM_UP_SECONDS,
): Promise<Figures> {
  const connections = await Promise.all(
    Array.from({ length: load.concurrency }, () => openConnection(subject.port)),
  );
  const operations = await workload.prepare(subject, connections, load);
  if (!workload.isFinite) await runFor(warmUpSeconds, operations, []);
  const durations: number[] = [];
  const cpuBefore = cpuMicroseconds(subject.pid);
  const start = performance.now();
  await runFor(load.seconds, operations, durations);
  const seconds = (performance.now() - start) / 1000;
  const cpu = cpuMicroseconds(subject.pid) - cpuBefore;
  for (const connection of connections) connection.close();
  durations.sort((left, right) => left - right);
  return {
    opsPerSecond: durations.length / seconds,
    p50Ms: at(durations, 0.5),
    p99Ms: at(durations, 0.99),
    cpuMicroseconds: cpu / durations.length,
  };
}

async function runFor(seconds: number, operations: readonly Operation[], durations: number[]): Promise<void> {
  const end = performance.now() + seconds * 1000;
  await Promise.all(operations.map((operation) => drive(operation, end, durations)));
}

async function drive(operation: Operation, end: number, durations: number[]): Promise<void> {
  for (let before = performance.now(); before < end; ) {
    if ((await operation()) === 'exhausted') return;
    const after = performance.now();
    durations.push(after - before);
    before = after;
  }
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
