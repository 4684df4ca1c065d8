/** Writes the measurements into bench/README.md, between two marks; the findings around them are written by hand. */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { GOAL_CONCURRENCY, goals, memoryGoals } from './goals.ts';
import { GRANT_COUNTS } from './growth.ts';
import type { LoginFigures } from './login.ts';
import { pastTable } from './past.ts';
import type { PastFigure } from './past-run.ts';
import { drawRatios } from './plot.ts';
import { figureOf, figuresTable, ratioTable, table, whole } from './report.ts';
import type { Row } from './rounds.ts';

export interface Findings {
  readonly rows: readonly Row[];
  readonly concurrencies: readonly number[];
  readonly logins: LoginFigures;
  /** Bytes on the disk for each grant, by subject. */
  readonly bytes: ReadonlyMap<string, number>;
  readonly idleMb: number;
  readonly busyMb: number;
  readonly growth: readonly Row[];
  readonly past: readonly PastFigure[];
}

const README = new URL('./README.md', import.meta.url);
const PLOT = new URL('./ratios.svg', import.meta.url);
const [START, END] = ['<!-- measured: start -->', '<!-- measured: end -->'];

/** Throws where a mark is missing. */
export function writeReadme(findings: Findings): void {
  writeFileSync(PLOT, drawRatios(findings.rows, goals, GOAL_CONCURRENCY));
  const text = readFileSync(README, 'utf8');
  const [start, end] = [text.indexOf(START), text.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`bench/README.md has lost its marks ${START} and ${END}`);
  writeFileSync(README, `${text.slice(0, start + START.length)}\n${measured(findings)}\n${text.slice(end)}`);
}

function measured(findings: Findings): string {
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores`;
  return [
    `Measured ${date} on Node ${process.versions.node}, ${machine}; medians of three interleaved rounds.`,
    '### Ratios',
    ratioTable(findings.rows, goals, GOAL_CONCURRENCY),
    '![Operations per second, times oidc-provider’s](ratios.svg)',
    ...findings.concurrencies.flatMap((concurrency) => [
      `### Concurrency ${concurrency}`,
      figuresTable(findings.rows, concurrency),
    ]),
    '### Stored grants',
    growthTable(findings.growth),
    '### A person with a past',
    pastTable(findings.past),
    '### Logins, memory, disk',
    table(['', 'seen', 'wanted'], otherFigures(findings)),
  ].join('\n\n');
}

function growthTable(rows: readonly Row[]): string {
  const of = (workload: string, count: number) =>
    figureOf(rows, workload, GOAL_CONCURRENCY, String(count))?.opsPerSecond ?? 0;
  return table(
    ['work, ops/s', ...GRANT_COUNTS.map((count) => `${whole(count)} grants`), 'last to first'],
    goals.map(({ workload }) => {
      const [first = 0, ...more] = GRANT_COUNTS.map((count) => of(workload, count));
      return [workload, ...[first, ...more].map(whole), ((more.at(-1) ?? 0) / first).toFixed(2)];
    }),
  );
}

function otherFigures({ logins, bytes, idleMb, busyMb }: Findings): (string | number)[][] {
  const share = logins.loginsPerSecond / logins.argon2PerSecond;
  return [
    ['logins per second', logins.loginsPerSecond.toFixed(1), ''],
    ['argon2 alone, per second', logins.argon2PerSecond.toFixed(1), ''],
    ['logins to argon2 alone', share.toFixed(2), '≥ 0.90'],
    ['token p99 beside logins, ms', logins.tokenP99Ms.toFixed(2), '≤ 3'],
    ['memory idle, MB', idleMb, `≤ ${memoryGoals.idleMb}`],
    ['memory after all of it, MB', busyMb, `≤ ${memoryGoals.busyMb}`],
    ...[...bytes].map(([name, count]) => [
      `bytes on disk for each grant, ${name}`,
      whole(count),
      name === 'Gatehouse' ? '≤ 600' : '',
    ]),
  ];
}
