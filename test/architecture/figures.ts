/**
 * Prints how large the code is: `npx tsx test/architecture/figures.ts [CHECKOUT]`, of this checkout or of another.
 * Lines of a function are its own, without those of functions within it.
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { circlesOf, foldersOf, importsAmong } from './circles.ts';
import { exportedFunctions } from './exported-functions.ts';
import { findFunctions } from './functions.ts';
import { readSources, type SourceFile } from './source-files.ts';

const checkout = resolve(process.argv[2] ?? fileURLToPath(new URL('../../', import.meta.url)));

const linesOf = ({ text }: SourceFile) => text.trimEnd().split('\n').length;
const sum = (numbers: readonly number[]) => numbers.reduce((one, other) => one + other, 0);

function spread(numbers: readonly number[]): string {
  const sorted = [...numbers].sort((one, other) => one - other);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  return `p50 ${at(0.5)}, p90 ${at(0.9)}, max ${at(1)}`;
}

function sizesOf(folder: string, files: readonly SourceFile[]): readonly string[] {
  const functions = files.flatMap(({ path, text }) => findFunctions(path, text));
  const own = functions.map((one) => one.own);
  const whole = functions.map((one) => one.lines);
  return [
    `${folder}: ${files.length} files, ${sum(files.map(linesOf))} lines; lines of a file: ${spread(files.map(linesOf))}`,
    `${folder}: ${functions.length} functions; lines of a function: ${spread(own)}; above 45: ${own.filter((one) => one > 45).length}`,
    `${folder}: with the functions within it: ${spread(whole)}; above 45: ${whole.filter((one) => one > 45).length}`,
  ];
}

/** An import that is part of a circle counts once, however many circles it is part of. */
function circlesIn(files: readonly SourceFile[]): readonly string[] {
  const byFile = files.flatMap(({ path, imports }) => imports.map((to) => ({ from: path, to })));
  const byFolder = foldersOf(files).flatMap((folder) => circlesOf(importsAmong(files, folder)));
  return [
    `src: imports in a circle of files: ${circlesOf(byFile).length}; of folders: ${byFolder.length}`,
    ...byFolder.map(({ from, to }) => `  ${from} → ${to}`),
  ];
}

function docstringsIn(files: readonly SourceFile[]): string {
  const all = files.flatMap(({ path, text }) => exportedFunctions(path, text));
  const without = all.filter(({ hasDocstring }) => !hasDocstring).length;
  return `src: ${all.length} exported functions, ${without} without a docstring`;
}

const source = readSources(resolve(checkout, 'src'));
const lines = [
  ...sizesOf('src', source),
  ...circlesIn(source),
  docstringsIn(source),
  ...sizesOf('test', readSources(resolve(checkout, 'test'))),
];
process.stdout.write(`${lines.join('\n')}\n`);
