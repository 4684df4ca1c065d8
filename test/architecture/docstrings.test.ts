/** What others may call says what its name does not: every exported function of src/ has a docstring. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { exportedFunctions } from './exported-functions.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

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

it('the finder sees functions, generators and arrow functions, and takes no other comment for a docstring', () => {
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
