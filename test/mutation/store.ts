/**
 * What earlier runs found, so that a run goes on where the last one ended: a verdict holds while the source, and the tests
 * that it rests on, are the same. What they import may have changed: `--fresh` forgets.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sha256 } from '../../src/lib/sha256-and-hmac.ts';
import { type Mutant, root } from './instrumented.ts';

/** Unreached: no test passes it. Timeout: a test had no end, or the mutant was passed over and over. */
export type Status = 'killed' | 'timeout' | 'survived' | 'unreached';

interface Known {
  readonly status: Status;
  readonly killer: string | undefined;
  readonly hash: string;
}

export interface Store {
  find(mutant: Mutant): Status | undefined;
  /** `killer`: the file of tests that the verdict rests on; undefined: on all of the module's. */
  put(mutant: Mutant, status: Status, killer?: string): void;
}

export const storeFolder = join(root, '.tmp/mutation');

/** Of the module whose tests these are. `isFresh`: nothing is known yet. */
export function openStore(name: string, allTests: readonly string[], isFresh: boolean): Store {
  const path = join(storeFolder, `${name}.json`);
  const hashes = new Map<string, string>();
  const hashOf = (file: string) => {
    const hash = hashes.get(file) ?? sha256(existsSync(root + file) ? readFileSync(root + file, 'utf8') : '');
    hashes.set(file, hash);
    return hash;
  };
  const hashOfAll = ({ source }: Mutant, tests: readonly string[]) =>
    sha256([source, ...tests].map((file) => `${file} ${hashOf(file)}`).join());
  const known = isFresh ? {} : read(path);
  return {
    find(mutant) {
      const found = known[keyOf(mutant)];
      const tests = found?.killer === undefined ? allTests : [found.killer];
      return found?.hash === hashOfAll(mutant, tests) ? found.status : undefined;
    },
    put(mutant, status, killer) {
      const tests = killer === undefined ? allTests : [killer];
      known[keyOf(mutant)] = { status, killer, hash: hashOfAll(mutant, tests) };
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, JSON.stringify(known, undefined, 1));
    },
  };
}

function keyOf({ source, line, column, kind, replacement }: Mutant): string {
  return `${source}:${line}:${column} ${kind} ${replacement}`;
}

function read(path: string): Record<string, Known> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, Known>;
  } catch {
    return {};
  }
}
