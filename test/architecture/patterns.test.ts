/** Patterns that backtrack stop the event loop for everybody: none is in the source. CWE-1333 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';
import { expect, it } from 'vitest';
import { findPatterns } from '../support/patterns.ts';

// The engine that needs no Java and no binary; read when the checker is loaded.
process.env.RECHECK_BACKEND = 'pure';
const { checkSync } = await import('recheck');

/** What it finds must not hang on how busy the machine is. */
const UNTIMED = { timeout: null, attackTimeout: null, incubationTimeout: null };
const PATIENCE_MS = 600_000;

const root = fileURLToPath(new URL('../../', import.meta.url));
const views = join(root, 'views');

function sources(): readonly [file: string, text: string][] {
  const source = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join('src', path));
  const scripts = readdirSync(views)
    .filter((path) => path.endsWith('.js'))
    .map((path) => join('views', path));
  return [...source, ...scripts].map((file) => [file, readFileSync(join(root, file), 'utf8')]);
}

/** The views as the functions that they are compiled to. */
function compiledViews(): readonly [file: string, text: string][] {
  const eta = new Eta({ views });
  return readdirSync(views, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.eta'))
    .map((path) => {
      const body = eta.compileToString(readFileSync(join(views, path), 'utf8'));
      return [`${path}.js`, `function view(it, options) {${body}}`];
    });
}

function faultOf(source: string, flags: string): string | undefined {
  const found = checkSync(source, flags, UNTIMED);
  if (found.status === 'safe') return undefined;
  return found.status === 'vulnerable' ? found.complexity.summary : `undecided (${found.error.kind})`;
}

it(
  'no pattern of src/ or views/ takes more than linear time, and none is undecided',
  () => {
    const patterns = [...sources(), ...compiledViews()].flatMap(([file, text]) => findPatterns(file, text));
    expect(patterns.length).toBeGreaterThan(60);
    const faults = patterns.flatMap(({ file, source, flags }) => {
      const fault = faultOf(source, flags);
      return fault === undefined ? [] : [`${file}: /${source}/${flags} is ${fault}`];
    });
    expect(faults).toEqual([]);
  },
  PATIENCE_MS,
);

it('the finder sees literals, calls and constants, and throws for any other pattern', () => {
  const text = [
    "const A = '[ab]'; /x/.test(''); RegExp('d' + A); globalThis.RegExp('e');",
    `const b = new RegExp(\`\${A}+c\`, 'u');`,
  ].join('\n');
  expect(findPatterns('one.ts', text).map(({ source, flags }) => `/${source}/${flags}`)).toEqual([
    '/x/',
    '/d[ab]/',
    '/e/',
    '/[ab]+c/u',
  ]);
  expect(() => findPatterns('two.ts', 'const f = (x: string) => new RegExp(x)')).toThrow(
    'new RegExp(x) is not made of constants',
  );
});

it('the checker refuses what is quadratic or worse', () => {
  expect(faultOf('^basic +(?<encoded>\\S*) *$', 'i')).toBe('2nd degree polynomial');
  expect(faultOf('^(a|a)*$', '')).toBe('exponential');
  expect(faultOf('^[a-z]+$', '')).toBeUndefined();
});
