/** How vitest runs a probe: it activates the mutant, leaves out the tests that do not reach it, and stops at the first that fails. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { RunnerTask, RunnerTestCase, RunnerTestFile, SerializedConfig } from 'vitest';
import { TestRunner } from 'vitest';
import { folderVariable, type Plan, type Probe } from './probe.ts';

/** What the instrumented code reads and writes (Stryker's instrumenter). */
interface InstrumenterState {
  activeMutant: string | undefined;
  currentTestId: string | undefined;
  hitCount: number;
  hitLimit: number;
  mutantCoverage:
    | { static: Record<string, number>; perTest: Record<string, Record<string, number>> }
    | undefined;
}

/** Stand for the name of a test: while its file is imported, and in what the file does around its tests. */
const IMPORT = '+';
const OUTSIDE = '*';

const folder = process.env[folderVariable] ?? '';
const plan = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8')) as Plan;
/** A mutant that one probe has killed the next ones need not look at, in other processes either. */
const killMark = (mutant: string) => join(folder, `killed-${mutant}`);
const isKilled = (mutant: string | undefined) => mutant !== undefined && existsSync(killMark(mutant));

function instrumenterState(): InstrumenterState {
  const holder = globalThis as unknown as { __stryker__?: InstrumenterState };
  holder.__stryker__ ??= {
    activeMutant: undefined,
    currentTestId: undefined,
    hitCount: 0,
    hitLimit: 0,
    mutantCoverage: undefined,
  };
  return holder.__stryker__;
}

/** The name of a test within its file. */
function nameOf(task: RunnerTask): string {
  const above = task.suite && task.suite !== task.file ? `${nameOf(task.suite)} > ` : '';
  return above + task.name;
}

/** Whether any is left to be run; a suite of none starts no server. */
function leaveOut(tasks: readonly RunnerTask[], isWanted: (test: RunnerTestCase) => boolean): boolean {
  let isAnyLeft = false;
  for (const task of tasks) {
    const isLeft = task.type === 'test' ? isWanted(task) : leaveOut(task.tasks, isWanted);
    if (!isLeft && task.mode === 'run') task.mode = 'skip';
    isAnyLeft ||= task.mode === 'run';
  }
  return isAnyLeft;
}

export default class MutationRunner extends TestRunner {
  #probe: Probe | undefined;
  readonly #isIsolated: boolean;

  constructor(config: SerializedConfig) {
    super(config);
    this.#isIsolated = config.isolate;
  }

  override async importFile(filepath: string, source: 'collect' | 'setup'): Promise<unknown> {
    const probe = source === 'collect' ? plan.probes[basename(filepath)] : undefined;
    if (!probe) return super.importFile(filepath, source);
    this.#probe = probe;
    if (isKilled(probe.mutant)) return undefined;
    const state = instrumenterState();
    Object.assign(state, { hitCount: 0, hitLimit: probe.hitLimit ?? Number.POSITIVE_INFINITY });
    state.currentTestId = undefined;
    // In a process of its own the mutant is active while the sources are loaded; in a shared one they are loaded unmutated.
    state.activeMutant = this.#isIsolated ? probe.mutant : undefined;
    // Never as 'setup', which loads a file again that others have imported: a proof by the one copy is none by the other.
    for (const path of plan.sources) await super.importFile(path, 'collect');
    state.activeMutant = probe.mutant;
    if (state.mutantCoverage) state.mutantCoverage.perTest = {};
    state.currentTestId = IMPORT;
    return super.importFile(filepath, source);
  }

  onCollected(files: RunnerTestFile[]): void {
    instrumenterState().currentTestId = OUTSIDE;
    const { names, mutant } = this.#probe ?? {};
    if (isKilled(mutant)) for (const file of files) file.mode = 'skip';
    else if (names) for (const file of files) leaveOut(file.tasks, (test) => names.includes(nameOf(test)));
  }

  override async onBeforeRunTask(test: RunnerTestCase): Promise<void> {
    if (isKilled(this.#probe?.mutant)) test.mode = 'skip';
    else await super.onBeforeRunTask(test);
    instrumenterState().currentTestId = `=${nameOf(test)}`;
  }

  override onAfterRunTask(test: RunnerTask): void {
    super.onAfterRunTask(test);
    instrumenterState().currentTestId = OUTSIDE;
    if (test.result?.state === 'fail' && this.#probe?.mutant !== undefined)
      writeFileSync(killMark(this.#probe.mutant), '');
  }

  override async onAfterRunSuite(suite: RunnerTask & { tasks: RunnerTask[] }): Promise<void> {
    await super.onAfterRunSuite(suite as never);
    if (suite === suite.file && this.#probe) this.#end(this.#probe, suite.file);
  }

  #end(probe: Probe, file: RunnerTestFile): void {
    const state = instrumenterState();
    state.activeMutant = undefined;
    if (probe.mutant !== undefined) return;
    const { static: atStart = {}, perTest = {} } = state.mutantCoverage ?? {};
    const { [IMPORT]: imported = {}, ...others } = perTest;
    const loading = { ...atStart, ...imported };
    const byTest = Object.fromEntries(
      Object.entries(others).map(([id, hits]) => [id === OUTSIDE ? '' : id.slice(1), hits]),
    );
    writeFileSync(join(folder, `${basename(file.filepath)}.json`), JSON.stringify({ loading, byTest }));
  }
}
