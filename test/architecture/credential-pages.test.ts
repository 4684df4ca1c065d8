/** A page of the account that changes a credential needs more than a session, which may be an open browser. ASVS V7.5.1 */
import { type Argument, parseSync, Visitor } from 'oxc-parser';
import { expect, it } from 'vitest';
import type { Source } from './called-functions.ts';
import { readReached } from './reached-functions.ts';
import { files } from './source-files.ts';

const CHANGE = ['identity/reset-after-credential-change.ts', 'credentialReplaced'] as const;

/** The pages that may go without, each with its reason. */
const EXCEPT: ReadonlyMap<string, string> = new Map([
  ['http/pages/account/password.ts', 'its form asks for the current password'],
]);

/** The pages that lead to what changes a credential, and need nothing. */
function pagesWithoutNeeds(sources: readonly Source[]): readonly string[] {
  const reaches = readReached(sources);
  return sources
    .filter(({ path }) => path.startsWith('http/pages/'))
    .filter((source) => signedInPages(source).some((handlers) => !hasNeeds(handlers)))
    .map(({ path }) => path)
    .filter((path) => reaches(path, CHANGE));
}

/** The handlers of each `signedInPage` of a file. */
function signedInPages({ path, text }: Source): readonly (Argument | undefined)[] {
  const found: (Argument | undefined)[] = [];
  new Visitor({
    CallExpression({ callee, arguments: [, handlers] }) {
      if (callee.type === 'Identifier' && callee.name === 'signedInPage') found.push(handlers);
    },
  }).visit(parseSync(path, text).program);
  return found;
}

/** Written there: what a variable or a spread holds is not known here. */
function hasNeeds(handlers: Argument | undefined): boolean {
  if (handlers?.type !== 'ObjectExpression') return false;
  return handlers.properties.some(
    (one) =>
      one.type === 'Property' &&
      one.key.type === 'Identifier' &&
      (one.key.name === 'needs' || one.key.name === 'needsForSubmit'),
  );
}

it('every signed-in page that changes a credential has `needs` or `needsForSubmit`', () => {
  // An exception that is no longer one is deleted.
  expect(pagesWithoutNeeds(files)).toEqual([...EXCEPT.keys()]);
});

const CHANGING = `import { credentialReplaced } from '../reset-after-credential-change.ts';
export const storeToy = async (tx, sub) => credentialReplaced(tx, TOY, sub, SESSIONS_STAY);
export function isWellFormed(typed) { return typed.length === 6; }
export async function setToy(context, sub) { await context.db.write((tx) => storeToy(tx, sub)); }`;

/** The toy's page, where it lacks them: `imported` is what it imports from identity/toys/. */
function foundWith(imported: string, handlers: string): readonly string[] {
  const page = `import { ${imported} } from '../../../identity/toys/change-toy.ts';
import { signedInPage } from './signed-in.ts';
export const toyPage = signedInPage('/account/toy', ${handlers});`;
  const toys = [
    { path: 'http/pages/account/toy.ts', text: page },
    { path: 'identity/toys/change-toy.ts', text: CHANGING },
  ];
  return pagesWithoutNeeds(toys);
}

const FOUND = ['http/pages/account/toy.ts'];

it.each([
  ['setToy', '{ show, submit: async ({ tools, session }) => setToy(tools, session.sub) }', FOUND],
  ['storeToy', '{ show, submit: async ({ tools, session }) => storeToy(tools, session.sub) }', FOUND],
  ['setToy as set', '{ show, submit: set }', FOUND],
  ['setToy', '{ ...needs, show, submit: setToy }', FOUND],
  ['setToy', 'handlersWithNeeds(setToy)', FOUND],
  ['setToy', '{ needs: { maxAgeSeconds: 300 }, show, submit: setToy }', []],
  ['setToy', "{ needsForSubmit: { acr: ['urn:toy'] }, show, submit: setToy }", []],
  ['isWellFormed', '{ show, submit: async ({ fields }) => isWellFormed(fields.toy) }', []],
  ['type Toy', '{ show }', []],
])('a page that imports %s, with %s', (imported, handlers, found) => {
  expect(foundWith(imported, handlers)).toEqual(found);
});

it('a page that changes it through another module is found', () => {
  const text = `import { setToy } from '../../../identity/toys/change-toy.ts';
export const shared = { submit: ({ tools, session }) => setToy(tools, session.sub) };`;
  const page = `import { shared } from './shared-toy.ts';
import { signedInPage } from './signed-in.ts';
export const toyPage = signedInPage('/account/toy', { show, submit: shared.submit });`;
  const sources = [
    { path: 'http/pages/account/toy.ts', text: page },
    { path: 'http/pages/account/shared-toy.ts', text },
    { path: 'identity/toys/change-toy.ts', text: CHANGING },
  ];
  expect(pagesWithoutNeeds(sources)).toEqual(FOUND);
});

it('a file that hides what it imports is named', () => {
  for (const text of [
    "export * from './a.ts';",
    "export { a } from './a.ts';",
    "import * as a from './a.ts';",
  ])
    expect(() => readReached([{ path: 'lib/toy.ts', text }])).toThrow('lib/toy.ts: ');
});
