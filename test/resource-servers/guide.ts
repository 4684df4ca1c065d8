/** The fenced blocks of docs/how-to/apis.md: files by the name that stands before them, commands by how they begin. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const page = fileURLToPath(new URL('../../docs/how-to/apis.md', import.meta.url));

const blocks = [...readFileSync(page, 'utf8').matchAll(/(?:^`(\S+)`:\n\n)?^```\w+\n([\s\S]*?)^```$/gm)].map(
  ([, file, text = '']) => ({ file, text }),
);

export function block(name: string): string {
  const found = blocks.find(({ file, text }) => file === name || text.startsWith(name));
  if (!found) throw new Error(`docs/how-to/apis.md has no block ${name}`);
  return found.text;
}

/** Into the directory, with the issuer and the port of this run, and what else `changes` says. */
export function writeBlock(
  directory: string,
  name: string,
  { issuer, port }: { readonly issuer: string; readonly port: number },
  changes: readonly (readonly [from: string, to: string])[] = [],
): void {
  let text = block(name).replaceAll('https://id.example.com', issuer).replaceAll('8080', String(port));
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`the block ${name} has no ${from}`);
    text = text.replaceAll(from, to);
  }
  const path = join(directory, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
