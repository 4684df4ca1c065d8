/** The fenced blocks of the documents, and the order in which a reader meets them. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Block {
  /** sh, yaml, json, js …; '' where the fence names none. */
  readonly language: string;
  /** What stands behind the language. */
  readonly name: string;
  readonly text: string;
  /** Of the fence, from 1. */
  readonly line: number;
}

export interface Document {
  /** Below the root. */
  readonly path: string;
  readonly blocks: readonly Block[];
}

/** The blocks of one of them. */
export function readBlocks(path: string): readonly Block[] {
  return blocksOf(readFileSync(root + path, 'utf8'));
}

/** README and everything in docs/. */
export function readDocuments(): readonly Document[] {
  const below = readdirSync(`${root}docs`, { recursive: true, encoding: 'utf8' });
  const paths = ['README.md', ...below.filter((path) => path.endsWith('.md')).map((path) => `docs/${path}`)];
  return paths.toSorted().map((path) => ({ path, blocks: readBlocks(path) }));
}

/** A block in a list is indented as its item is. */
function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let open: (Omit<Block, 'text'> & { indent: string; lines: string[] }) | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const [fence, indent = '', language = '', name = ''] = /^( *)```(\w*) ?(.*)$/.exec(line) ?? [];
    if (fence !== undefined && open) {
      const { indent: _, lines, ...about } = open;
      blocks.push({ ...about, text: lines.join('\n') });
      open = undefined;
    } else if (fence !== undefined) open = { indent, language, name, line: index + 1, lines: [] };
    else open?.lines.push(line.slice(open.indent.length));
  }
  return blocks;
}
