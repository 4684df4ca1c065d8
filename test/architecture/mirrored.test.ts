/** Where a file decides who gets in, its test is found by its path: src/oauth/gate-before-issuing.ts, test/oauth/gate-before-issuing.test.ts. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseSync, Visitor } from 'oxc-parser';
import { expect, it } from 'vitest';
import { files } from './source-files.ts';

/** Folders of src/, each file of which has its test. */
const MIRRORED: readonly string[] = ['identity/', 'oauth/'];

/** Of these folders, files that are seen through what is made of them: the test that shows them. A new file has its own. */
const SEEN_THROUGH: Readonly<Record<string, string>> = {
  'identity/attempts/count-sign-in-attempt.ts': 'test/identity/attempts/throttling.test.ts',
  'identity/factors/prove.ts': 'test/identity/submit-second-factor.test.ts',
  'identity/passwords/password-blocklist.ts': 'test/identity/passwords/password-rules.test.ts',
  'identity/passwords/hash-in-child-process.ts': 'test/identity/passwords/queued-password-hasher.test.ts',
  'identity/passwords/hashing-child-program.ts': 'test/identity/passwords/queued-password-hasher.test.ts',
  'identity/passwords/choose-password-hasher.ts': 'test/identity/passwords/queued-password-hasher.test.ts',
  'identity/passwords/replace-password.ts': 'test/identity/passwords/password-change.test.ts',
  'identity/sessions/session-type.ts': 'test/identity/sessions/start-or-renew-session.test.ts',
  'oauth/access/members/member.ts': 'test/oauth/access/access-set-operations.test.ts',
  'oauth/authorization/steps/step.ts': 'test/oauth/authorization/decide-next-step.test.ts',
  'oauth/bindings/prove.ts': 'test/architecture/add/binding.test.ts',
  'oauth/clients/cached-client-logos.ts': 'test/http/pages/client-logo.test.ts',
  'oauth/keys/refuse-wrong-master-key.ts': 'test/oauth/keys/rotate-and-revoke-keys.test.ts',
  'oauth/keys/signing-thread-program.ts': 'test/oauth/keys/batched-signer.test.ts',
};

const ownTestOf = (path: string) => `test/${path.replace(/\.ts$/, '.test.ts')}`;
const testOf = (path: string) => SEEN_THROUGH[path] ?? ownTestOf(path);
const isThere = (path: string) => existsSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)));

/** Whether there is anything to test: types, and a table of what other files do, do nothing themselves. */
function doesSomething(path: string, text: string): boolean {
  const { program, errors } = parseSync(path, text);
  if (errors[0]) throw new Error(`${path}: ${errors[0].message}`);
  let functions = 0;
  const count = () => {
    functions += 1;
  };
  new Visitor({
    FunctionDeclaration: count,
    FunctionExpression: count,
    ArrowFunctionExpression: count,
  }).visit(program);
  return functions > 0;
}

const mirrored = files.filter(({ path }) => MIRRORED.some((one) => path.startsWith(one)));

it('each file with code has its test at the same path below test/', () => {
  const untested = mirrored
    .filter(({ path, text }) => doesSomething(path, text) && !isThere(testOf(path)))
    .map(({ path }) => testOf(path));
  expect(untested).toEqual([]);
});

it('each named folder and file exists', () => {
  const gone = MIRRORED.filter((one) => !files.some(({ path }) => path.startsWith(one)));
  expect(gone).toEqual([]);
  const settled = Object.keys(SEEN_THROUGH).filter(
    (one) => !mirrored.some(({ path }) => path === one) || isThere(ownTestOf(one)),
  );
  expect(settled).toEqual([]);
});

it('types and a table are not code to test; a method, an arrow function and a class with one are', () => {
  for (const text of [
    'export interface A { run(): void }',
    'export type B = () => string;',
    "import { a } from './a.ts';\nexport const table = [a, { name: 'b', is: 1 }] as const;",
  ])
    expect(doesSomething('a.ts', text), text).toBe(false);
  for (const text of [
    'export function a() {}',
    'export const a = { run() {} };',
    'export const a = () => 1;',
    'class A { run() {} }',
    'export const table = [{ check: () => 1 }];',
  ])
    expect(doesSomething('a.ts', text), text).toBe(true);
});
