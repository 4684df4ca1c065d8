/** What npm does with the package: who has no compiler runs what is built, and what is packed is what runs. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

function npm(directory: string, ...words: string[]) {
  return spawnSync('npm', words, { cwd: directory, encoding: 'utf8' });
}

it('npm ci --omit=dev uses the dist/ that exists, and reports what to do where there is none', () => {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-package-'));
  cpSync(join(root, 'package.json'), join(directory, 'package.json'));
  const without = npm(directory, 'run', 'prepare');
  expect(without.status).toBe(1);
  expect(without.stderr).toContain('run npm ci, then npm prune --omit=dev');
  mkdirSync(join(directory, 'dist'));
  writeFileSync(join(directory, 'dist', 'main.js'), '');
  expect(npm(directory, 'run', 'prepare').status).toBe(0);
  rmSync(directory, { recursive: true });
});

it('npm pack ships what runs, and no tests', () => {
  const { stdout } = npm(root, 'pack', '--dry-run', '--json', '--ignore-scripts');
  const [packed] = JSON.parse(stdout) as { files: { path: string }[] }[];
  const folders = new Set((packed?.files ?? []).map(({ path }) => path.split('/')[0]));
  for (const wanted of ['dist', 'migrations', 'views', 'templates', 'package.json', 'LICENSE', 'README.md'])
    expect(folders).toContain(wanted);
  for (const other of ['src', 'test', 'bench', 'demo', 'node_modules', 'data', '.ci'])
    expect(folders).not.toContain(other);
});
