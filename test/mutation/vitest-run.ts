/** Runs probes in one vitest: those that may share a process in one, with the server loaded once. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vitest/config';
import { BaseSequencer, startVitest, type TestModule, type TestSpecification } from 'vitest/node';
import { root } from './instrumented.ts';
import { folderVariable, type Plan, type Probe } from './probe.ts';

export interface Verdict {
  readonly probe: Probe;
  readonly state: 'passed' | 'failed' | 'skipped';
  readonly durationMs: number;
  /** What the first test that failed says. */
  readonly error: string;
}

/** In the order they are planned in. */
class AsPlanned extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((one, other) => (one.moduleId < other.moduleId ? -1 : 1));
  }
}

export interface Run {
  readonly folder: string;
  readonly code: ReadonlyMap<string, string>;
  readonly probes: readonly Probe[];
  /** Each probe in a process of its own, where the mutant is active from the start. */
  readonly isolate: boolean;
  readonly testTimeoutMs: number;
  onVerdict(verdict: Verdict): void;
}

/** By the name of the file that stands for the probe. */
export function namesOf(probes: readonly Probe[]): Readonly<Record<string, Probe>> {
  const nameOf = (index: number) => `${String(index).padStart(6, '0')}.test.ts`;
  return Object.fromEntries(probes.map((probe, index) => [nameOf(index), probe]));
}

/** Resolves when every probe has its verdict, or the process that ran them is gone. */
export async function runProbes(run: Run): Promise<void> {
  const { folder, code, isolate } = run;
  const probes = namesOf(run.probes);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const plan: Plan = { sources: [...code.keys()], probes };
  writeFileSync(join(folder, 'plan.json'), JSON.stringify(plan));
  for (const [name, { test }] of Object.entries(probes)) {
    writeFileSync(join(folder, name), `await import(${JSON.stringify(`${root}${test}?probe=${name}`)});\n`);
  }
  process.env[folderVariable] = folder;
  const vitest = await startVitest(
    'test',
    [],
    {
      config: false,
      root,
      dir: folder,
      include: ['**/*.test.ts'],
      watch: false,
      isolate,
      maxWorkers: isolate ? 2 : 1,
      runner: join(root, 'test/mutation/runner.ts'),
      globalSetup: [join(root, 'test/support/scratch.ts')],
      sequence: { sequencer: AsPlanned },
      testTimeout: run.testTimeoutMs,
      hookTimeout: 2 * run.testTimeoutMs,
      silent: true,
      dangerouslyIgnoreUnhandledErrors: true,
      reporters: [{ onTestModuleEnd: (module: TestModule) => run.onVerdict(verdictOf(probes, module)) }],
    },
    {
      plugins: [mutants(code, probes)],
    },
  );
  await vitest.close();
}

/** Hands vitest the instrumented sources; a probe that reloads gets those that its tests import once more. */
function mutants(code: ReadonlyMap<string, string>, probes: Readonly<Record<string, Probe>>): Plugin {
  return {
    name: 'mutants',
    enforce: 'pre',
    resolveId(path, importer) {
      const [, from, name] = /^(.*)\?probe=([^&]+)$/.exec(importer ?? '') ?? [];
      if (from === undefined || name === undefined || !probes[name]?.isReloading) return undefined;
      const source = join(from, '..', path);
      return code.has(source) ? `${source}?probe=${name}` : undefined;
    },
    load: (id) => code.get(id.replace(/\?probe=.*$/, '')),
  };
}

function verdictOf(probes: Readonly<Record<string, Probe>>, module: TestModule): Verdict {
  const probe = probes[module.moduleId.slice(module.moduleId.lastIndexOf('/') + 1)];
  if (!probe) throw new Error(`${module.moduleId} is no probe`);
  const state = module.state();
  const errors = [
    ...module.errors(),
    ...[...module.children.allTests()].flatMap((test) => test.result().errors ?? []),
  ];
  return {
    probe,
    state: state === 'failed' || state === 'passed' ? state : 'skipped',
    durationMs: module.diagnostic().duration,
    error: errors[0]?.message ?? '',
  };
}
