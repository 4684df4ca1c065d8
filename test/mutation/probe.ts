/** One file of tests, run once: what main.ts plans and runner.ts does. */

export interface Probe {
  /** Path from the root of the repository. */
  readonly test: string;
  /** undefined: nothing is mutated, and what is reached is written down. */
  readonly mutant: string | undefined;
  /** Names of the tests that reach the mutant; undefined: all. */
  readonly names?: readonly string[] | undefined;
  /** Whether the tests load what they import of the sources anew, with the mutant active. */
  readonly isReloading?: boolean | undefined;
  /** How often the mutant may be passed before it is taken for one that loops for ever. */
  readonly hitLimit?: number | undefined;
}

export interface Plan {
  /** Absolute paths of what is mutated. */
  readonly sources: readonly string[];
  /** By the name of the file that vitest is given in place of the tests. */
  readonly probes: Readonly<Record<string, Probe>>;
}

/** How often each mutant was passed, by its id. */
export type Hits = Readonly<Record<string, number>>;

/** What one file of tests reaches. */
export interface Reached {
  /** While the sources, and what the tests import, were loaded: with a process they share, that is once. */
  readonly loading: Hits;
  /** By the name of a test; '' is what the file does outside of its tests. */
  readonly byTest: Readonly<Record<string, Hits>>;
}

/** The environment variable that names the folder of a run. */
export const folderVariable = 'MUTATION_FOLDER';
