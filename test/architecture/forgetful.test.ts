/** What says nothing lets nothing pass: the forgetful parts in forgetful/ do not compile, and their careful twins do. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = 'test/architecture/forgetful';
const files = readdirSync(join(root, folder)).filter((name) => name.endsWith('.ts'));

/** `file:line code`, of the lines that stand below `// refused: CODE …`. */
function expectedIn(file: string): string[] {
  const lines = readFileSync(join(root, folder, file), 'utf8').split('\n');
  return lines.flatMap((line, index) => {
    const codes = /^ *\/\/ refused:((?: TS\d+)+)$/.exec(line)?.[1] ?? '';
    return [...codes.matchAll(/TS\d+/g)].map(([code]) => `${file}:${index + 2} ${code}`);
  });
}

/** The same, as the compiler says it. */
function refusedByCompiler(): string[] {
  const compiler = join(root, 'node_modules/.bin/tsc');
  const { stdout } = spawnSync(compiler, ['-p', folder, '--noEmit', '--pretty', 'false'], {
    cwd: root,
    encoding: 'utf8',
  });
  return [...stdout.matchAll(/^(?:.*\/)?([^/\n(]+)\((\d+),\d+\): error (TS\d+)/gm)].map(
    ([, file, line, code]) => `${file}:${line} ${code}`,
  );
}

describe('a part without a return', () => {
  let refused: string[] = [];
  beforeAll(() => {
    refused = refusedByCompiler();
  }, 300_000);

  it.each(files)('%s: is refused by the compiler, and its careful twin is not', (file) => {
    const expected = expectedIn(file);
    expect(expected.length).toBeGreaterThan(0);
    expect(refused.filter((one) => one.startsWith(`${file}:`))).toEqual(expected);
  });

  it('nothing else is refused with them', () => {
    expect(refused.filter((one) => !files.some((file) => one.startsWith(`${file}:`)))).toEqual([]);
  });
});
