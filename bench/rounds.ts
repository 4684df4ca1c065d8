/** Several servers, measured in turn within one run, so that other load of the machine affects all of them. */
import { FIRST_WARM_UP_SECONDS, type Figures, measure } from './measure.ts';
import type { Subject } from './subject.ts';
import type { Load, Workload } from './workload.ts';

/** Medians over the rounds. */
export interface Row {
  readonly workload: string;
  readonly concurrency: number;
  readonly subject: string;
  readonly figures: Figures;
}

export interface Plan {
  readonly subjects: readonly Subject[];
  readonly workloads: readonly Workload[];
  readonly loads: readonly Load[];
  readonly rounds: number;
}

export async function runRounds(plan: Plan, say: (line: string) => void): Promise<Row[]> {
  const rows: Row[] = [];
  for (const load of plan.loads) {
    for (const workload of plan.workloads) rows.push(...(await compare(plan, workload, load)));
    say(`concurrency ${load.concurrency} measured`);
  }
  return rows;
}

async function compare(plan: Plan, workload: Workload, load: Load): Promise<Row[]> {
  const measured = new Map<string, Figures[]>(plan.subjects.map(({ name }) => [name, []]));
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const subject of plan.subjects) {
      const warmUp = round === 0 ? FIRST_WARM_UP_SECONDS : undefined;
      measured.get(subject.name)?.push(await measure(subject, workload, load, warmUp));
    }
  }
  return [...measured].map(([subject, figures]) => ({
    workload: workload.name,
    concurrency: load.concurrency,
    subject,
    figures: medians(figures),
  }));
}

function medians(figures: readonly Figures[]): Figures {
  const of = (member: keyof Figures) => median(figures.map((one) => one[member]));
  return {
    opsPerSecond: of('opsPerSecond'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    cpuMicroseconds: of('cpuMicroseconds'),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
