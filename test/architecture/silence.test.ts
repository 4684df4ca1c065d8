/** What a check's silence means: nothing, but for those that are named here. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const source = fileURLToPath(new URL('../../src/', import.meta.url));
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path, text: readFileSync(join(source, path), 'utf8') }));

/** The names of what decides whether something goes on. */
const DECIDES =
  /^(?:accept|admit|allow|authenticate|authorize|check|confirm|is|judge|may|needed|permit|prove|verify)(?![a-z])/;

/** A function, a method of an object, or a member of a shape, as far as its answer's type is written there. */
const SIGNATURE =
  /(?:function |^ {2,4}(?:async |readonly )?)(\w+)\??(?:<[^()]*>)?\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)(?::| =>) ((?:[^{};\n]|\{[^{}]*\})+?)(?: \{|;|,)?$/gm;

/** `name: answer path`, of what may answer with undefined, or with nothing at all. */
const silent = files.flatMap(({ path, text }) =>
  [...text.matchAll(SIGNATURE)]
    .filter(([, name = '', answer = '']) => DECIDES.test(name) && /\b(?:undefined|void)\b/.test(answer))
    .map(([, name]) => `${path} ${name}`),
);

/** What it means where it is no yes. */
const KNOWN = {
  'there is none': [
    'identity/passwords/password-change.ts proveAndHash',
    'oauth/authorization/confirm-in-transaction.ts confirm',
    'oauth/keys/verify-own-jwt.ts verifyJwt',
    'oauth/tokens/id-token-hint.ts verifyIdTokenHint',
    'oauth/tokens/verify-access-token.ts verify',
    'oauth/tokens/verify-access-token.ts verifyAccessToken',
    'oauth/tokens/verify-access-token.ts verifyWhenever',
  ],
  'nothing: it throws where it refuses': [
    'commands/database/check.ts check',
    'config/load-settings.ts checkName',
    'http/pages/check-own-form.ts checkForm',
    'http/pages/client-logo.ts checkDestination',
    'http/tls-options.ts checkPair',
    'lib/decode-operator-text.ts checkSecret',
    'lib/parse-untrusted-json.ts checkShape',
    'oauth/requests/registration-token-grants-and-refusals.ts checkSector',
    'storage/backup/check-backup.ts checkBackup',
    'storage/database.ts checkWritable',
    'storage/migrate.ts checkApplied',
    'storage/postgres/inspect-server.ts checkWritable',
    'storage/sqlite/check-writable-for-readiness.ts check',
  ],
  'nothing: it decides nothing': [
    'http/cookies.ts acceptCookies',
    'http/cors.ts allowClientOrigin',
    'http/cors.ts allowOrigin',
    'http/form-body.ts acceptForms',
    'http/json-body.ts acceptJson',
    'http/read-and-check-request-body.ts acceptBodies',
    'storage/sqlite/server-lock.ts confirm',
  ],
} as const;

it('a function that decides returns a value: a missing return is not consent', () => {
  expect(silent.sort()).toEqual(Object.values(KNOWN).flat().sort());
});

/** What answers with undefined where it found no fault is taken for a yes when it forgets to look. */
const FAULT = /(?:Refusal|Fault|Error)\b[^|]*\| undefined/;

/** What finds something else: the answer to send. */
const NO_CHECK: readonly string[] = ['http/answer-malformed-or-slow-request.ts findAnswer'];

it('no function says by undefined that it found no fault', () => {
  const found = files.flatMap(({ path, text }) =>
    [...text.matchAll(SIGNATURE)]
      .filter(([, , answer = '']) => FAULT.test(answer))
      .map(([, name]) => `${path} ${name}`),
  );
  expect(found.sort()).toEqual(NO_CHECK);
});

it('a function that looks for a fault declares its return type, so that the compiler refuses a path without a return', () => {
  const finder = /\b(?:function (?:check|\w*[fF]ault)\w*|(?:const|let) \w*[fF]ault\w* = (?:async )?)\s*\(/g;
  const found = files.flatMap(({ path, text }) =>
    [...text.matchAll(finder)].map(({ index }) => ({ path, declared: isDeclared(text.slice(index)) })),
  );
  expect(found.length).toBeGreaterThan(20);
  expect(found.filter(({ declared }) => !declared)).toEqual([]);
});

/** Whether a type stands behind the parameters. */
function isDeclared(text: string): boolean {
  let depth = 0;
  for (let at = text.indexOf('('); at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')') depth -= 1;
    if (depth === 0) return text[at + 1] === ':';
  }
  return false;
}
