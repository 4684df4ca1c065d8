/** The sources of a module with every mutant in them, each inactive until the run activates it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Instrumenter } from '@stryker-mutator/instrumenter';

export const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Mutant {
  /** Which of the module's, as the instrumented code knows it. */
  readonly id: string;
  readonly source: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** Of the source, without the indentation. */
  readonly lineText: string;
  /** The kind of mutation, as in `EqualityOperator`. */
  readonly kind: string;
  readonly original: string;
  readonly replacement: string;
}

export interface Instrumented {
  /** The code of each source, by its absolute path. */
  readonly code: ReadonlyMap<string, string>;
  readonly mutants: readonly Mutant[];
}

type Position = { readonly line: number; readonly column: number };

const never = () => false;
const nothing = () => {};
const silent = {
  isTraceEnabled: never,
  isDebugEnabled: never,
  isInfoEnabled: never,
  isWarnEnabled: never,
  isErrorEnabled: never,
  isFatalEnabled: never,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
};

/** Text for people: tests assert reasons, never prose (CONTRIBUTING). */
const isSentence = (text: string) => /\S\s\S/.test(text);

/** Mutants of sentences are left out; those of names, members and patterns are not. */
export async function instrument(sources: readonly string[]): Promise<Instrumented> {
  const texts = new Map(sources.map((source) => [root + source, readFileSync(root + source, 'utf8')]));
  const { files, mutants } = await new Instrumenter(silent).instrument(
    [...texts].map(([name, content]) => ({ name, content, mutate: true })),
    { plugins: null, ignorers: [], excludedMutations: [] },
  );
  return {
    code: new Map(files.map(({ name, content }) => [name, content])),
    mutants: mutants
      .map(({ id, fileName, location: { start, end }, mutatorName: kind, replacement }) => {
        const text = texts.get(fileName) ?? '';
        const original = between(text, start, end);
        const lineText = text.split('\n')[start.line]?.trim() ?? '';
        const source = fileName.slice(root.length);
        return { id, source, ...at(start), lineText, kind, original, replacement };
      })
      .filter(({ kind, original }) => kind !== 'StringLiteral' || !isSentence(original)),
  };
}

/** The instrumenter counts lines from 0. */
function at({ line, column }: Position): Position {
  return { line: line + 1, column };
}

function between(text: string, start: Position, end: Position): string {
  const lines = text.split('\n').slice(start.line, end.line + 1);
  const last = lines.length - 1;
  return lines
    .map((line, index) => (index === last ? line.slice(0, end.column) : line))
    .map((line, index) => (index === 0 ? line.slice(start.column) : line))
    .join('\n');
}
