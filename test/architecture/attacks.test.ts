import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** The attacks that real servers of this kind fell to: first and last number of each part. */
const CATALOGUE = [
  [1, 79],
  [106, 112],
  [126, 136],
  [150, 154],
] as const;
/** How many rows each kind has that attacks on Gatehouse itself found. */
const FOUND = [16, 3, 9, 4, 4, 5, 9, 5, 1, 2, 5, 9, 8, 10] as const;

const expectedIds = [
  ...CATALOGUE.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, index) => `A${String(first + index).padStart(3, '0')}`),
  ),
  ...FOUND.flatMap((rows, kind) => Array.from({ length: rows }, (_, index) => `${kind + 1}.${index + 1}`)),
];

interface Row {
  readonly id: string;
  readonly does: string;
  readonly tests: readonly { readonly file: string; readonly title: string }[];
}

const rows: readonly Row[] = read('docs/explanation/attacks.md')
  .split('\n')
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
  .filter(([, id = '']) => /^(A\d{3}|\d+\.\d+)$/.test(id))
  .map(([, id = '', , does = '', tests = '']) => ({
    id,
    does,
    tests: tests.split('<br>').map((text) => {
      const [, file = '', title = ''] = /^`(test\/[^`]+)`: `([^`]+)`$/.exec(text) ?? [];
      return { file, title: title.replaceAll('\\|', '|') };
    }),
  }));

it('every attack of the list has its row, once and in order', () => {
  expect(rows.map(({ id }) => id)).toEqual(expectedIds);
});

it('every cited test exists: its file, and its whole title in it', () => {
  const missing = rows.flatMap(({ id, tests }) =>
    tests
      .filter(({ file, title }) => !isThere(file, title))
      .map(({ file, title }) => `${id}: ${file}: ${title}`),
  );
  expect(missing).toEqual([]);
});

function isThere(file: string, title: string): boolean {
  if (file === '' || title === '' || !existsSync(join(root, file))) return false;
  const text = read(file);
  return ["'", '"', '`'].some((quote) => text.includes(`${quote}${title}${quote}`));
}

it('every cited file of src/ and bench/ exists', () => {
  const named = rows.flatMap(({ id, does }) =>
    [...does.matchAll(/`((?:src|bench)\/[^`]+)`/g)].map(([, file = '']) => ({ id, file })),
  );
  expect(named.length).toBeGreaterThan(80);
  expect(named.filter(({ file }) => !existsSync(join(root, file)))).toEqual([]);
});

it('every row of the catalogue names a test, or a group of tests, with its number in the title', () => {
  const unnamed = rows.filter(
    ({ id, tests }) => id.startsWith('A') && !tests.some(({ title }) => title.includes(id)),
  );
  expect(unnamed.map(({ id }) => id)).toEqual([]);
});
