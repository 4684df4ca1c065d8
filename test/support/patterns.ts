/** Finds every regular expression in TypeScript or JavaScript source: literals, and calls of RegExp. */
import { type CallExpression, type Expression, type NewExpression, parseSync, Visitor } from 'oxc-parser';

export interface Pattern {
  readonly file: string;
  readonly source: string;
  readonly flags: string;
}

/** Throws where a pattern is built from a value that is not in the same file. */
export function findPatterns(file: string, text: string): readonly Pattern[] {
  const { program, errors } = parseSync(file, text);
  if (errors[0]) throw new Error(`${file}: ${errors[0].message}`);
  const constants = new Map<string, Expression>();
  const calls: (CallExpression | NewExpression)[] = [];
  const found: Pattern[] = [];
  new Visitor({
    VariableDeclarator({ id, init }) {
      if (id.type === 'Identifier' && init) constants.set(id.name, init);
    },
    Literal(node) {
      if ('regex' in node) found.push({ file, source: node.regex.pattern, flags: node.regex.flags });
    },
    CallExpression: (node) => void calls.push(node),
    NewExpression: (node) => void calls.push(node),
  }).visit(program);
  for (const call of calls.filter(isOfRegExp)) {
    const [source, flags = ''] = call.arguments.map((argument) => textOf(argument as Expression, constants));
    if (source === undefined || flags === undefined)
      throw new Error(`${file}: ${text.slice(call.start, call.end)} is not made of constants of this file`);
    found.push({ file, source, flags });
  }
  return found;
}

function isOfRegExp({ callee }: CallExpression | NewExpression): boolean {
  if (callee.type === 'MemberExpression')
    return callee.property.type === 'Identifier' && callee.property.name === 'RegExp';
  return callee.type === 'Identifier' && callee.name === 'RegExp';
}

/** The value of a constant text expression; undefined for any other expression. */
function textOf(node: Expression, constants: ReadonlyMap<string, Expression>): string | undefined {
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined;
  if (node.type === 'Identifier') {
    const value = constants.get(node.name);
    return value && textOf(value, constants);
  }
  const parts =
    node.type === 'BinaryExpression' && node.operator === '+'
      ? [node.left as Expression, node.right]
      : node.type === 'TemplateLiteral'
        ? node.quasis.flatMap((quasi, index) => [quasi.value.cooked ?? '', node.expressions[index] ?? ''])
        : [undefined];
  const texts = parts.map((part) => (typeof part === 'object' ? textOf(part, constants) : part));
  return texts.includes(undefined) ? undefined : texts.join('');
}
