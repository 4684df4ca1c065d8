/** What a module's mutants came to, in lines, and what is not good enough. */

import { findEquivalence, findLeftOver } from './equivalents.ts';
import type { Mutant } from './instrumented.ts';
import type { Result } from './module-run.ts';
import type { Status } from './store.ts';

/** Of the mutants that are not equivalent. */
const KILLED_PERCENT = 90;

export interface Report {
  readonly lines: readonly string[];
  readonly passed: number;
  readonly failures: readonly string[];
}

interface Survivor extends Result {
  readonly equivalence: string | undefined;
}

/** Three things are asked: enough are killed, no comparison survives, and the list of equivalents has none too many. */
export function report(name: string, results: readonly Result[]): Report {
  const count = (status: Status) => results.filter((result) => result.status === status).length;
  const killed = count('killed') + count('timeout');
  const survivors = results.filter(isSurvivor).map(withEquivalence);
  const equivalent = survivors.filter(({ equivalence }) => equivalence !== undefined);
  const unexplained = survivors.filter(({ equivalence }) => equivalence === undefined);
  const percent = (100 * killed) / (killed + unexplained.length || 1);
  const figures = [
    `${results.length} mutants`,
    `${count('killed')} killed`,
    `${count('timeout')} timed out`,
    `${unexplained.length} survived (${unexplained.filter(({ status }) => status === 'unreached').length} of them unreached)`,
    `${equivalent.length} equivalent`,
  ];
  const failures = [
    ...(percent < KILLED_PERCENT
      ? [`${name}: ${percent.toFixed(1)} % is less than ${KILLED_PERCENT} %`]
      : []),
    ...(unexplained.some(({ mutant }) => isComparison(mutant)) ? [`${name}: a comparison survives`] : []),
    ...(leftOver(results).length > 0 ? [`${name}: no longer mutants: ${leftOver(results).join(', ')}`] : []),
  ];
  return {
    lines: [
      `${name}: ${figures.join(', ')}: ${percent.toFixed(1)} %`,
      ...[...unexplained, ...equivalent].map(lineOf),
    ],
    passed: 3 - failures.length,
    failures,
  };
}

const isSurvivor = ({ status }: Result) => status === 'survived' || status === 'unreached';

const withEquivalence = (result: Result): Survivor => ({
  ...result,
  equivalence: findEquivalence(result.mutant),
});

const leftOver = (results: readonly Result[]) =>
  findLeftOver(results.map(({ mutant }) => mutant)).map(({ source, original }) => `${source} ${original}`);

/** A comparison, with a boundary that moved or forced to one answer. */
export function isComparison({ kind, original }: Pick<Mutant, 'kind' | 'original'>): boolean {
  return kind === 'EqualityOperator' || (kind === 'ConditionalExpression' && /[<>]|[!=]==/.test(original));
}

function lineOf({ mutant, status, equivalence }: Survivor): string {
  const what =
    equivalence === undefined ? `${status}${isComparison(mutant) ? ' (comparison)' : ''}` : 'equivalent';
  const why = equivalence === undefined ? '' : ` (${equivalence})`;
  const { source, line, kind, original, replacement } = mutant;
  return `  ${what}: ${source}:${line} ${kind}: ${shown(original)} → ${shown(replacement)}${why}`;
}

const shown = (code: string) => {
  const line = code.replace(/\s+/g, ' ');
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
};
