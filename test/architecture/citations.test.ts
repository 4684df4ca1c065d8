/** Nothing is cited that is not there: requirements, attacks, decisions, documents. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** Texts that people write; lock files, keys and recorded answers hold random characters. */
const WRITTEN = /\.(?:ts|mjs|js|md|sql|eta|css|yaml|yml|go|py|java|rs|sh)$/;

const AT_THE_TOP = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'];
const FOLDERS = ['src', 'test', 'docs', 'bench', 'migrations', 'views', '.github'];

/** The written files of folders, and those at the top. */
function filesOf(folders: readonly string[] = FOLDERS): readonly string[] {
  const below = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
  );
  return [...AT_THE_TOP, ...below.filter((path) => !path.includes('node_modules') && WRITTEN.test(path))];
}

/** An id of a requirement or an attack that stands alone: not a part of a word, a path, a number or a character class. */
const ID = /(?<![\w.#/+-])([A-Z]\d{1,2}|A\d{3})(?![\w/=+-])/g;
/** The first letters of ids. V… is OWASP ASVS itself. */
const LETTERS = new Set('DEGHJKLMNOPQTWXYZ');

function idsIn(text: string): readonly string[] {
  const found = [...text.matchAll(ID)].map(([, id = '']) => id);
  return found.filter((id) => /^A\d{3}$/.test(id) || (/^[A-Z]\d{1,2}$/.test(id) && LETTERS.has(id[0] ?? '')));
}

const rowsOf = (page: string, id: RegExp) => [...read(page).matchAll(id)].map(([, found = '']) => found);
const requirements = rowsOf('docs/reference/requirements.md', /^\| ([A-Z]\d{1,2}) \|/gm);
const attacks = rowsOf('docs/explanation/attacks.md', /^\| (A\d{3}) \|/gm);

it('every cited id is on the page of requirements or attacks', () => {
  const known = new Set([...requirements, ...attacks]);
  const unknown = filesOf().flatMap((path) =>
    idsIn(read(path))
      .filter((id) => !known.has(id))
      .map((id) => `${path}: ${id}`),
  );
  expect(unknown).toEqual([]);
});

it('no requirement is listed twice, and each is cited by a test or in src/', () => {
  expect(new Set(requirements).size).toBe(requirements.length);
  const named = new Set(filesOf(['src', 'test']).flatMap((path) => idsIn(read(path))));
  expect(requirements.filter((id) => !named.has(id))).toEqual([]);
});

it('every requirement has a text, and every source is a document that the page lists', () => {
  const rows = read('docs/reference/requirements.md').match(/^\| [A-Z]\d.*$/gm) ?? [];
  for (const row of rows) expect(row).toMatch(/^\| [A-Z]\d{1,2} \| \S.+ \| .*\|$/);
  expect(rows).toHaveLength(requirements.length);
});

it('a document that is cited by its path exists', () => {
  const missing = filesOf().flatMap((path) =>
    [...read(path).matchAll(/(?<![\w/.-])(?:docs|bench|test)\/[\w/.-]+\.(?:md|svg|png)\b/g)]
      .map(([named]) => named)
      .filter((named) => !existsSync(join(root, named)))
      .map((named) => `${path}: ${named}`),
  );
  expect(missing).toEqual([]);
});

it("a file of the source that a folder's README names is there", () => {
  const readmes = filesOf(['src']).filter((path) => path.startsWith('src/') && path.endsWith('README.md'));
  const named = readmes.flatMap((path) =>
    [...read(path).matchAll(/`([\w/.-]+\.ts)`/g)].map(([, file = '']) =>
      /^(?:src|test)\//.test(file) ? file : join(dirname(path), file),
    ),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

it('a file of the source that a comment names is there', () => {
  const names = new Set(filesOf(['src', 'test']).map((path) => path.slice(path.lastIndexOf('/') + 1)));
  const named = filesOf(['src']).flatMap((path) =>
    [...read(path).matchAll(/^\s*(?:\/\/|\/?\*).*?\b[\w/-]+\.ts\b/gm)].flatMap(([comment]) =>
      [...comment.matchAll(/[\w-][\w.-]*\.ts\b/g)].map(([name]) => ({ path, name })),
    ),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter(({ name }) => !names.has(name))).toEqual([]);
});

const DECISIONS = 'docs/explanation/decisions';
const decisions = readdirSync(join(root, DECISIONS)).filter((name) => /^\d{4}-/.test(name));

it('a cited decision exists, and no two decisions have the same number', () => {
  const numbers = decisions.map((name) => name.slice(0, 4));
  expect(new Set(numbers).size).toBe(numbers.length);
  const cited = filesOf().flatMap((path) =>
    [...read(path).matchAll(/\b[Dd]ecision (\d{1,4})\b/g)].map(
      ([, number = '']) => [path, number.padStart(4, '0')] as const,
    ),
  );
  expect(cited.length).toBeGreaterThan(10);
  expect(cited.filter(([, number]) => !numbers.includes(number))).toEqual([]);
});

it.each(decisions)('decision %s has every part, its number in its title, and a row in the list', (name) => {
  const text = read(`${DECISIONS}/${name}`);
  const parts = ['Question', 'Options', 'Choice', '(?:Not m|M)easured', 'What would change our mind'];
  for (const part of parts) expect(text).toMatch(new RegExp(`^\\*\\*${part}\\.\\*\\*`, 'm'));
  const [, number, title = ''] = /^# (\d+)\. (.+)\n/.exec(text) ?? [];
  expect(number).toBe(String(Number(name.slice(0, 4))));
  expect(read(`${DECISIONS}/README.md`)).toContain(`| ${number} | [${title}](${name}) |`);
});

it('no plan is cited that is not in this repository', () => {
  const cited = filesOf()
    .filter((path) => path !== 'test/architecture/citations.test.ts')
    .filter((path) => /\b(?:DESIGN|MEASURED|HOUSE|REQUIREMENTS)\b/.test(read(path)));
  expect(cited).toEqual([]);
});

/** As GitHub makes them of headings. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => heading);
  const plain = headings.map((heading) => heading.replace(/\]\([^)]*\)/g, '').toLowerCase());
  return new Set(plain.map((heading) => heading.replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-')));
}

it('every link leads to a file that exists, and to a heading of it where it names one', () => {
  const broken = filesOf(['docs', '.github'])
    .filter((path) => path.endsWith('.md'))
    .flatMap((path) =>
      [...read(path).matchAll(/\]\(([^):]*)\)/g)].map(([, link = '']) => {
        const [file = '', anchor] = link.split('#');
        const target = file === '' ? path : join(dirname(path), file);
        if (!existsSync(join(root, target))) return `${path}: ${link}`;
        return anchor === undefined || anchorsOf(read(target)).has(anchor) ? '' : `${path}: ${link}`;
      }),
    );
  expect(broken.filter((link) => link !== '')).toEqual([]);
});
