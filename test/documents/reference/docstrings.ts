/** What the docstring above an export says of it. */
import { readdirSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { root } from '../blocks.ts';

const EXPORTED = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport (?:async )?(?:const|function) (\w+)/g;

/** Of each export of the files of a folder: itself, and its docstring as one line. */
export async function readDocstrings(folder: string): Promise<ReadonlyMap<unknown, string>> {
  const files = readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${root}${folder}/${name}`);
  const read = await Promise.all(files.map(docstringsOf));
  return new Map(read.flat());
}

async function docstringsOf(file: string): Promise<(readonly [unknown, string])[]> {
  const exports = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  return [...readFileSync(file, 'utf8').matchAll(EXPORTED)].map(
    ([, text = '', name = '']) => [exports[name], oneLine(text)] as const,
  );
}

/** Without the stars, and with links as the names they lead to. */
function oneLine(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(/^ *\* ?/, '').trim());
  return lines
    .join(' ')
    .replace(/\{@link (\w+)\}/g, '$1')
    .trim();
}
