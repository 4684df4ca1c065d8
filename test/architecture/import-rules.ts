/**
 * Who may import whom. It is said here alone: imports.test.ts reads it, and `npm run docs:write` writes it to
 * biome.imports.json, for the editor, and to docs/reference/imports.md.
 */

export interface ImportRule {
  /** A folder of src/, or a file. */
  readonly path: string;
  /** What it may import beside what is its own: folders and files of src/. */
  readonly mayImport: readonly string[];
  /** Of these folders it may import nothing but the parts named here. */
  readonly only?: Readonly<Record<string, readonly string[]>>;
  /** What it may not import although the rest of its folder may. */
  readonly never?: readonly string[];
  readonly because: string;
}

const BELOW_IDENTITY = ['lib', 'config', 'storage', 'audit'];
const BELOW_OAUTH = [...BELOW_IDENTITY, 'identity', 'notify', 'outbound'];

/** From the bottom to the top; a folder within another is held to both rows. */
export const importRules: readonly ImportRule[] = [
  { path: 'lib', mayImport: [], because: 'lib knows nothing of ours' },
  { path: 'config', mayImport: ['lib'], because: 'config imports lib alone' },
  { path: 'storage', mayImport: ['lib'], because: 'storage imports lib alone' },
  { path: 'audit', mayImport: ['lib', 'storage'], because: 'audit imports lib and storage' },
  {
    path: 'identity',
    mayImport: [...BELOW_IDENTITY, 'notify'],
    because: 'identity knows no OAuth and no HTTP',
  },
  { path: 'outbound', mayImport: ['lib', 'config'], because: 'what goes out knows nobody who sends it' },
  { path: 'notify', mayImport: BELOW_IDENTITY, because: 'notify knows nobody who tells something' },
  { path: 'oauth', mayImport: BELOW_OAUTH, because: 'oauth knows no HTTP' },
  {
    path: 'oauth/grants',
    mayImport: [...BELOW_OAUTH, 'oauth'],
    never: ['oauth/gate-before-issuing.ts', 'oauth/tokens/issue.ts'],
    because: 'a grant proves; it neither decides nor issues',
  },
  {
    path: 'admin-commands',
    mayImport: [...BELOW_IDENTITY, 'identity', 'oauth'],
    because: 'admin-commands knows no HTTP and no command',
  },
  {
    path: 'http',
    mayImport: [...BELOW_IDENTITY, 'identity', 'oauth'],
    only: {
      oauth: [
        'oauth/requests',
        'oauth/page-models',
        'oauth/back-channel-request.ts',
        'oauth/errors.ts',
        'oauth/context.ts',
        'oauth/parameters.ts',
        'oauth/public-document.ts',
      ],
    },
    never: ['storage/tables'],
    because: 'an endpoint calls oauth/requests, a page oauth/page-models, and neither can go round a step',
  },
  {
    path: 'commands',
    mayImport: ['lib', 'config', 'storage', 'notify', 'admin-commands', 'oauth', 'http', 'gatehouse.ts'],
    because: 'a command calls admin; serve starts http; doctor tries the mail server',
  },
  {
    path: 'gatehouse.ts',
    mayImport: [...BELOW_OAUTH, 'oauth'],
    because: 'it makes the parts, and knows nobody who calls them',
  },
  { path: 'main.ts', mayImport: ['commands'], because: 'it starts the command line' },
];

const isWithin = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);

/** The rules that hold for a file of src/, that of the outermost folder first. */
export function rulesOf(file: string): readonly ImportRule[] {
  return importRules.filter(({ path }) => isWithin(file, path));
}

/** Whether the file may import the other, both from src/; a file without a rule may import nothing. */
export function mayImport(file: string, target: string): boolean {
  const rules = rulesOf(file);
  return rules.length > 0 && rules.every((rule) => isAllowedBy(rule, target));
}

function isAllowedBy({ path, mayImport, only = {}, never = [] }: ImportRule, target: string): boolean {
  if (never.some((one) => isWithin(target, one))) return false;
  if (isWithin(target, path)) return true;
  const folder = mayImport.find((one) => isWithin(target, one));
  if (folder === undefined) return false;
  const parts = only[folder];
  return parts === undefined || parts.some((part) => isWithin(target, part));
}

const top = importRules.map(({ path }) => path).filter((path) => !path.includes('/'));
const topOf = (path: string) => path.split('/')[0] ?? '';
const pattern = (path: string) => (path.endsWith('.ts') ? `**/${path}` : `**/${path}/**`);

/** What Biome refuses in an import of the folder. A rule of its own takes the place of that of the folder around it. */
function refusedIn({ path, mayImport, only = {}, never = [] }: ImportRule): readonly string[] {
  const above = top.filter((one) => one !== topOf(path) && one !== 'main.ts' && !mayImport.includes(one));
  // Beside it, the folder that both are in is not written in an import.
  const refused = never.map((one) => (topOf(one) === topOf(path) ? one.slice(topOf(one).length + 1) : one));
  const narrowed = Object.entries(only).flatMap(([folder, parts]) => [
    pattern(folder),
    ...parts.map((part) => `!${pattern(part)}`),
  ]);
  return [...[...above, ...refused].map(pattern), ...narrowed];
}

/** biome.imports.json, which biome.json extends. */
export function biomeImports(): string {
  const overrides = importRules.map((rule) => ({
    includes: [rule.path.endsWith('.ts') ? `src/${rule.path}` : `src/${rule.path}/**`],
    linter: { rules: { style: { noRestrictedImports: refusal(refusedIn(rule), rule.because) } } },
  }));
  return `${JSON.stringify({ overrides }, undefined, 2)}\n`;
}

const refusal = (group: readonly string[], message: string) => ({
  level: 'error',
  options: { patterns: [{ group, message }] },
});
