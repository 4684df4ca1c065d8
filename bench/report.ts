/** The tables of bench/README.md. */
import type { Row } from './rounds.ts';

export type Cell = string | number;

export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const line = (cells: readonly Cell[]) => `| ${cells.join(' | ')} |`;
  return [
    line(head),
    line(head.map((_name, index) => (index === 0 ? '---' : '---:'))),
    ...rows.map(line),
  ].join('\n');
}

export function figureOf(rows: readonly Row[], workload: string, concurrency: number, subject: string) {
  const found = rows.find(
    (row) => row.workload === workload && row.concurrency === concurrency && row.subject === subject,
  );
  return found?.figures;
}

/** ops/s of one subject over another's; undefined where one was not measured. */
export function ratio(
  rows: readonly Row[],
  workload: string,
  concurrency: number,
  [subject, other]: readonly [string, string],
): number | undefined {
  const [one, two] = [subject, other].map((name) => figureOf(rows, workload, concurrency, name));
  return one && two ? one.opsPerSecond / two.opsPerSecond : undefined;
}

/** One table for a concurrency: ops/s, p50 and p99 in ms, server CPU in µs for each operation, of every subject. */
export function figuresTable(rows: readonly Row[], concurrency: number): string {
  const own = rows.filter((row) => row.concurrency === concurrency);
  return table(
    ['work', 'server', 'ops/s', 'p50 ms', 'p99 ms', 'CPU µs/op'],
    own.map(({ workload, subject, figures }) => [
      workload,
      subject,
      whole(figures.opsPerSecond),
      figures.p50Ms.toFixed(2),
      figures.p99Ms.toFixed(2),
      whole(figures.cpuMicroseconds),
    ]),
  );
}

export interface Goal {
  readonly workload: string;
  /** The goal at concurrency 64, as a multiple of oidc-provider's. */
  readonly wanted: number;
}

export function ratioTable(rows: readonly Row[], goals: readonly Goal[], concurrency: number): string {
  const times = (workload: string, other: string) =>
    ratio(rows, workload, concurrency, ['Gatehouse', other])?.toFixed(2) ?? '';
  return table(
    ['work', 'to oidc-provider', 'wanted', 'to the ceiling', 'wanted'],
    goals.map(({ workload, wanted }) => [
      workload,
      times(workload, 'oidc-provider'),
      wanted.toFixed(1),
      times(workload, 'ceiling'),
      '0.65',
    ]),
  );
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
