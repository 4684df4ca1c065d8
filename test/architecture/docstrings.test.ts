/** What others may call says what its name does not: every exported function of src/ has a docstring. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Declaration, parseSync, type Statement } from 'oxc-parser';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface Found {
  readonly name: string;
  readonly hasDocstring: boolean;
}

/**
 * The functions that a file exports where it declares them. Throws where it exports in another way (`export { … }`,
 * `export default`), which would hide a function from this test.
 */
function exportedFunctions(file: string, text: string): readonly Found[] {
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

it('every exported function of src/ has a docstring directly above it', () => {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join('src', path));
  const all = files.flatMap((file) =>
    exportedFunctions(file, readFileSync(join(root, file), 'utf8')).map((found) => ({ file, ...found })),
  );
  expect(all.length).toBeGreaterThan(800);
  const without = all.filter(({ hasDocstring }) => !hasDocstring).map(({ file, name }) => `${file}: ${name}`);
  expect(without).toEqual([]);
});

it('the finder sees functions, generators and arrows, and takes no other comment for a docstring', () => {
  const text = [
    '/** Of the file. */\n',
    'export function one() {}',
    '/** Says it. */\nexport async function* two() {}',
    '// Not so.\nexport const three = () => 1;',
    '/* Nor so. */\nexport const four = async function () {};',
    '/** */\nexport function five() {}',
    '/**\n * Says it.\n */\nexport const six = (a: string) => a;',
    '/** Says it for both. */\nexport function seven(a: string): void;\nexport function seven(a: number): void;',
    'export function seven() {}',
    'function own() {}\nexport const eight = 8, kind = own();\nexport interface Nine {}',
  ].join('\n');
  const found = exportedFunctions('one.ts', text).map(({ name, hasDocstring }) => `${name} ${hasDocstring}`);
  expect(found).toEqual([
    'one false',
    'two true',
    'three false',
    'four false',
    'five false',
    'six true',
    'seven true',
  ]);
});

it.each(['const a = () => 1;\nexport { a };', 'export default () => 1;'])(
  'what hides one is refused: %j',
  (text) => {
    expect(() => exportedFunctions('one.ts', text)).toThrow('one.ts: export');
  },
);
