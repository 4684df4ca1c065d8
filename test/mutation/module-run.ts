/** Shows every mutant of a module to the tests that reach it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownProcess } from '../support/own-process.ts';
import { type Instrumented, instrument, type Mutant, root } from './instrumented.ts';
import { type MutatedModule, testsOf } from './modules.ts';
import type { Probe, Reached } from './probe.ts';
import { openStore, type Status, type Store, storeFolder } from './store.ts';
import { namesOf, type Run, runProbes, type Verdict } from './vitest-run.ts';

export interface Result {
  readonly mutant: Mutant;
  readonly status: Status;
}

/** Of one file of tests. */
interface Reach extends Reached {
  readonly test: string;
  readonly durationMs: number;
}

const TEST_TIMEOUT_MS = 30_000;
const needsOwnProcess = (test: string) => ownProcess.includes(test);

/** Throws where a test fails although nothing is mutated. */
export async function runModule(
  name: string,
  module: MutatedModule,
  isFresh: boolean,
): Promise<readonly Result[]> {
  const instrumented = await instrument(module.sources);
  const tests = testsOf(module);
  const store = openStore(name, tests, isFresh);
  const open = instrumented.mutants.filter((mutant) => store.find(mutant) === undefined);
  if (open.length > 0) await decide(name, instrumented, open, tests, store);
  return instrumented.mutants.map((mutant) => ({ mutant, status: store.find(mutant) ?? 'survived' }));
}

interface Planned {
  readonly mutant: Mutant;
  /** Where the sources are loaded once for all. */
  readonly shared: readonly Probe[];
  /** In a process of its own each; asked when the shared ones noticed nothing. */
  readonly isolated: readonly Probe[];
}

async function decide(
  name: string,
  { code }: Instrumented,
  open: readonly Mutant[],
  tests: readonly string[],
  store: Store,
): Promise<void> {
  const run = { folder: join(storeFolder, `${name}.run`), code, testTimeoutMs: TEST_TIMEOUT_MS };
  process.stdout.write(`${name}: ${open.length} mutants to be tried, of tests ${tests.length} files\n`);
  const reaches = await observe(run, tests);
  let left = open.map((mutant) => planFor(mutant, reaches));
  for (const { mutant, shared, isolated } of left)
    if (shared.length + isolated.length === 0) store.put(mutant, 'unreached');
  for (const isolate of [false, true]) {
    const probesOf = ({ shared, isolated }: Planned) => (isolate ? isolated : shared);
    left = await tryAll({ ...run, isolate }, left, probesOf, store);
  }
  for (const { mutant } of left) if (store.find(mutant) === undefined) store.put(mutant, 'survived');
}

/** What each file of tests reaches, the fastest file first. */
async function observe(
  run: Pick<Run, 'folder' | 'code' | 'testTimeoutMs'>,
  tests: readonly string[],
): Promise<readonly Reach[]> {
  const reaches: Reach[] = [];
  for (const isolate of [false, true]) {
    const probes = tests
      .filter((test) => needsOwnProcess(test) === isolate)
      .map((test): Probe => ({ test, mutant: undefined }));
    if (probes.length === 0) continue;
    const verdicts: Verdict[] = [];
    await runProbes({ ...run, probes, isolate, onVerdict: (verdict) => verdicts.push(verdict) });
    for (const { probe, state, error, durationMs } of verdicts) {
      if (state === 'failed') throw new Error(`${probe.test} fails without a mutant: ${error}`);
      reaches.push({ ...readReached(run.folder, probes, probe), test: probe.test, durationMs });
    }
  }
  return reaches.toSorted((one, other) => one.durationMs - other.durationMs);
}

function readReached(folder: string, probes: readonly Probe[], wanted: Probe): Reached {
  const [name] = Object.entries(namesOf(probes)).find(([, probe]) => probe.test === wanted.test) ?? [];
  const path = join(folder, `${name}.json`);
  if (!existsSync(path)) throw new Error(`${wanted.test} ran no test`);
  return JSON.parse(readFileSync(path, 'utf8')) as Reached;
}

/**
 * A mutant that is passed while modules are loaded may show in any test: it is tried where a test can load the source
 * anew, and then with the whole server loaded anew.
 */
function planFor(mutant: Mutant, reaches: readonly Reach[]): Planned {
  const { id, source } = mutant;
  const isLoading = reaches.some(({ loading }) => id in loading);
  if (!isLoading) {
    const probes = reaches.flatMap((reach) => probeOf(id, reach) ?? []);
    return {
      mutant,
      shared: probes.filter(({ test }) => !needsOwnProcess(test)),
      isolated: probes.filter(({ test }) => needsOwnProcess(test)),
    };
  }
  const isolated = reaches.map(({ test }): Probe => ({ test, mutant: id }));
  const direct = isolated.filter(({ test }) => !needsOwnProcess(test) && imports(test, source));
  return { mutant, shared: direct.map((probe) => ({ ...probe, isReloading: true })), isolated };
}

function probeOf(id: string, { test, byTest }: Reach): Probe | undefined {
  const hits = Object.entries(byTest).filter(([, ids]) => id in ids);
  if (hits.length === 0) return undefined;
  const names = hits.some(([name]) => name === '') ? undefined : hits.map(([name]) => name);
  const count = hits.reduce((sum, [, ids]) => sum + (ids[id] ?? 0), 0);
  return { test, mutant: id, names, hitLimit: 1000 + 100 * count };
}

function imports(test: string, source: string): boolean {
  const from = [...readFileSync(root + test, 'utf8').matchAll(/ from '(\.[^']+)'/g)];
  return from.some(([, path]) => join(root, test, '..', path ?? '') === root + source);
}

/** Those that no probe noticed. A mutant that ends the process is killed. */
async function tryAll(
  run: Omit<Run, 'probes' | 'onVerdict'>,
  planned: readonly Planned[],
  probesOf: (each: Planned) => readonly Probe[],
  store: Store,
): Promise<Planned[]> {
  const unnoticed = planned.filter((each) => probesOf(each).length === 0);
  let left = planned.filter((each) => probesOf(each).length > 0);
  while (left.length > 0) {
    const waiting = new Map(left.map((each) => [each.mutant.id, { each, count: probesOf(each).length }]));
    const onVerdict = ({ probe, state, error }: Verdict) => {
      const known = waiting.get(probe.mutant ?? '');
      if (!known) return;
      known.count -= 1;
      if (state === 'failed')
        store.put(known.each.mutant, isEndless(error) ? 'timeout' : 'killed', probe.test);
      else if (known.count === 0) unnoticed.push(known.each);
      if (state === 'failed' || known.count === 0) waiting.delete(known.each.mutant.id);
    };
    await runProbes({ ...run, probes: left.flatMap(probesOf), onVerdict });
    const [broken] = waiting.values();
    if (broken) store.put(broken.each.mutant, 'timeout');
    left = [...waiting.values()].slice(1).map(({ each }) => each);
  }
  return unnoticed;
}

function isEndless(error: string): boolean {
  return /timed out|Hit count limit reached/.test(error);
}
