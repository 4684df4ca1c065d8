/** Mutants that no test can tell from the original: they do not count as surviving, and are printed with their reason. */
import type { Mutant } from './instrumented.ts';

export interface Equivalent extends Pick<Mutant, 'source' | 'kind' | 'original' | 'replacement'> {
  readonly reason: string;
}

export const equivalents: readonly Equivalent[] = [];

/** Why the mutant cannot be told from the original; undefined: it can. */
export function findEquivalence(mutant: Mutant): string | undefined {
  return equivalents.find((each) => isSame(each, mutant))?.reason;
}

/** Of the sources given, those in the list that are no mutants any more. */
export function findLeftOver(mutants: readonly Mutant[]): readonly Equivalent[] {
  const sources = new Set(mutants.map(({ source }) => source));
  return equivalents.filter(
    (each) => sources.has(each.source) && !mutants.some((mutant) => isSame(each, mutant)),
  );
}

function isSame(each: Equivalent, { source, kind, original, replacement }: Mutant): boolean {
  return (
    each.source === source &&
    each.kind === kind &&
    each.original === original &&
    each.replacement === replacement
  );
}
