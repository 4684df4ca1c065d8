/** The functions that a text exports, and which of them have a docstring. */
import { type Declaration, parseSync, type Statement } from 'oxc-parser';

export interface ExportedFunction {
  readonly name: string;
  readonly hasDocstring: boolean;
}

/**
 * The functions that a file exports where it declares them. Throws where it exports in another way (`export { … }`,
 * `export default`), which would hide a function from this test.
 */
export function exportedFunctions(file: string, text: string): readonly ExportedFunction[] {
  const { program, comments, errors } = parseSync(file, text);
  if (errors[0]) throw new Error(`${file}: ${errors[0].message}`);
  const ends = comments
    .filter(({ type, value }) => type === 'Block' && value.startsWith('*') && /\w/.test(value))
    .map(({ end }) => end);
  const found = new Map<string, boolean>();
  for (const statement of program.body) {
    const hasDocstring = ends.some((end) => /^\r?\n[ \t]*$/.test(text.slice(end, statement.start)));
    // Of an overloaded function the first says it for all.
    for (const name of namesIn(file, statement)) if (!found.has(name)) found.set(name, hasDocstring);
  }
  return [...found].map(([name, hasDocstring]) => ({ name, hasDocstring }));
}

function namesIn(file: string, statement: Statement): readonly string[] {
  if (statement.type === 'ExportDefaultDeclaration') throw new Error(`${file}: export default`);
  if (statement.type !== 'ExportNamedDeclaration') return [];
  if (statement.declaration) return namesOf(statement.declaration);
  if (!statement.source && statement.specifiers.length > 0) throw new Error(`${file}: export { … }`);
  return [];
}

function namesOf(declaration: Declaration): readonly string[] {
  if (declaration.type === 'FunctionDeclaration' || declaration.type === 'TSDeclareFunction')
    return declaration.id ? [declaration.id.name] : [];
  if (declaration.type !== 'VariableDeclaration') return [];
  return declaration.declarations.flatMap(({ id, init }) => {
    const isFunction = init?.type === 'ArrowFunctionExpression' || init?.type === 'FunctionExpression';
    return isFunction && id.type === 'Identifier' ? [id.name] : [];
  });
}
