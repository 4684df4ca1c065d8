/** The functions of a text, and how long each is. */
import { type Node, parseSync, Visitor } from 'oxc-parser';

export interface FoundFunction {
  readonly name: string;
  /** The line that it begins on. */
  readonly line: number;
  /** From its first to its last, with all that stands within it. */
  readonly lines: number;
  /** Without the functions within it, which are counted for themselves: what is read at once. */
  readonly own: number;
}

/**
 * Declarations, methods and whatever has a name or a body of statements; an expression that is passed on where it stands
 * (`(one) => one.name`) is a part of the function around it. Throws where the text is no program.
 */
export function findFunctions(file: string, text: string): readonly FoundFunction[] {
  const { program, errors } = parseSync(file, text);
  if (errors[0]) throw new Error(`${file}: ${errors[0].message}`);
  const lineAt = lineCounter(text);
  const found: Omit<FoundFunction, 'own'>[] = [];
  const names = new Map<number, string>();
  const add = ({ start, end }: Node, name: string) =>
    found.push({ name, line: lineAt(start), lines: lineAt(end) - lineAt(start) + 1 });
  new Visitor({
    VariableDeclarator({ id, init }) {
      if (init && id.type === 'Identifier') names.set(init.start, id.name);
    },
    Property: ({ key, value }) => void names.set(value.start, text.slice(key.start, key.end)),
    MethodDefinition: ({ key, value }) => void names.set(value.start, text.slice(key.start, key.end)),
    FunctionDeclaration: (node) => void add(node, node.id?.name ?? 'default'),
    FunctionExpression: (node) => void add(node, names.get(node.start) ?? 'anonymous'),
    ArrowFunctionExpression(node) {
      const name = names.get(node.start);
      if (name !== undefined || !node.expression) add(node, name ?? 'anonymous');
    },
  }).visit(program);
  return found.map((one) => ({ ...one, own: one.lines - linesWithin(one, found) }));
}

type Span = Pick<FoundFunction, 'line' | 'lines'>;

/** Of the functions directly within; one that begins and ends with it on the same lines is not within. */
function linesWithin(one: Span, all: readonly Span[]): number {
  const holds = (outer: Span, inner: Span) =>
    inner.lines < outer.lines &&
    inner.line >= outer.line &&
    inner.line + inner.lines <= outer.line + outer.lines;
  const within = all.filter((other) => holds(one, other));
  const direct = within.filter((other) => !within.some((between) => holds(between, other)));
  return direct.reduce((sum, { lines }) => sum + lines, 0);
}

/** By halving: which line a place of the text is on. */
function lineCounter(text: string): (offset: number) => number {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}
