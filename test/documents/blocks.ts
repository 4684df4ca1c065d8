/** The fenced blocks of the documents, and the order in which a reader meets them. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Block {
  /** sh, yaml, json, js …; '' where the fence names none. */
  readonly language: string;
  readonly text: string;
  /** Of the fence, from 1. */
  readonly line: number;
}

export interface Document {
  /** Below the root. */
  readonly path: string;
  readonly blocks: readonly Block[];
}

/** README and everything in docs/. */
export function readDocuments(): readonly Document[] {
  const below = readdirSync(`${root}docs`, { recursive: true, encoding: 'utf8' });
  const paths = ['README.md', ...below.filter((path) => path.endsWith('.md')).map((path) => `docs/${path}`)];
  return paths.toSorted().map((path) => ({ path, blocks: blocksOf(readFileSync(root + path, 'utf8')) }));
}

/** A block in a list is indented as its item is. */
function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let open: { indent: string; language: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const [, indent = '', language = ''] = /^( *)```(\w*)$/.exec(line) ?? [];
    const isFence = /^ *```\w*$/.test(line);
    if (isFence && open) {
      blocks.push({ language: open.language, text: open.lines.join('\n'), line: open.line });
      open = undefined;
    } else if (isFence) open = { indent, language, line: index + 1, lines: [] };
    else open?.lines.push(line.slice(open.indent.length));
  }
  return blocks;
}
