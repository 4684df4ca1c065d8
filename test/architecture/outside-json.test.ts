/** JSON and JWTs that come from outside are read in one place each. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const source = fileURLToPath(new URL('../../src/', import.meta.url));
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path, text: readFileSync(join(source, path), 'utf8') }));
const filesWith = (pattern: RegExp) =>
  files
    .filter(({ text }) => pattern.test(text))
    .map(({ path }) => path)
    .sort();

/** What they read was written by this program, or is part of it. */
const OUR_OWN = [
  'admin-commands/client-templates-of-known-apps.ts',
  'admin-commands/openapi-asyncapi-security-scheme.ts',
  'admin-commands/outbox.ts',
  'commands/run.ts',
  'config/page-texts-and-dates.ts',
  'identity/pending-sign-in.ts',
  'identity/sessions/session-type.ts',
  'identity/users/check-and-merge-user-input.ts',
  'identity/users/users.ts',
  'notify/delivery-attempt.ts',
  'notify/write-notices.ts',
  'oauth/access/stored-access.ts',
  'oauth/authorization/purposes/account.ts',
  'oauth/authorization/stored-done-steps.ts',
  'oauth/authorization/stored-request.ts',
  'oauth/clients/origins-of-redirect-uris.ts',
  'oauth/clients/read-clients.ts',
  'oauth/clients/tables-derived-from-metadata.ts',
  'oauth/confirmation-claim.ts',
  'oauth/find-access-token-audience.ts',
  'oauth/gate-before-issuing.ts',
  'oauth/grants/authorization-code.ts',
  'oauth/keys/signing-and-published-keys.ts',
  'oauth/page-models/remember-or-take-back-consent.ts',
  'oauth/requests/userinfo.ts',
  'oauth/tokens/shortened-id-token-hint.ts',
  'oauth/tokens/sign-id-token.ts',
  'storage/tables/audit-log.ts',
  'storage/tables/blank-audit-addresses.ts',
];

it('JSON.parse reads only our own data; external data is read by lib/parse-untrusted-json', () => {
  const others = filesWith(/\bJSON\.parse\b/).filter((path) => !OUR_OWN.includes(path));
  expect(others).toEqual(['lib/parse-untrusted-json.ts']);
});

it('files of an operator are decoded by lib/decode-operator-text, which repairs nothing', () => {
  const readers = /\breadFileSync\([^;]*'utf-?8'|\.toString\('utf-?8'/;
  expect(filesWith(readers)).toEqual([
    'admin-commands/client-templates-of-known-apps.ts',
    'admin-commands/openapi-asyncapi-security-scheme.ts',
    // What another server answers, for an operator to look at.
    'commands/bounded-http-client.ts',
    'commands/doctor/find-lock-holders.ts',
    'commands/run.ts',
    // A master key is whatever it always was read as.
    'config/load-settings.ts',
    'config/page-texts-and-dates.ts',
    'lib/decode-operator-text.ts',
    'lib/open-file-limit.ts',
    // It refuses U+FFFD.
    'oauth/clients/authentication/basic-credentials.ts',
    // The system's own.
    'outbound/resolver-files.ts',
    'storage/migrate.ts',
    'storage/tables/audit-log-compression.ts',
  ]);
});

it('no part of a JWT is used before lib/read-unverified-jwt checked it against its schema', () => {
  const readers =
    /\b(?:decodeJwt|decodeProtectedHeader|compactVerify|flattenedVerify|generalVerify|jwtVerify|importJWK)\b/;
  // It prints what it was given as a client, and believes none of it.
  expect(filesWith(readers)).toEqual(['commands/login.ts']);
  expect(filesWith(/\breadJwt\(/)).toEqual([
    'oauth/clients/verify-client-jwt.ts',
    'oauth/keys/verify-own-jwt.ts',
  ]);
});

it('a public key of a client is parsed in one place, after its size is checked', () => {
  expect(filesWith(/\bcreatePublicKey\b/)).toEqual([
    'oauth/clients/public-key.ts',
    'oauth/keys/signing-and-published-keys.ts',
  ]);
});

it('every list in a schema for external data has a limit, since each wrong entry is a separate error', () => {
  const unbounded = files
    .filter(({ path }) => /^(?:lib|oauth|http)\//.test(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/\bz\s*\.array\(/g)].map((found) => ({ path, found, text })),
    )
    .filter(({ found, text }) => !/^(?:\s*\.\w+\([^()]*\))*?\s*\.max\(/.test(behindParenthesis(text, found)))
    .map(({ path, found }) => `${path} at ${found.index}`);
  expect(unbounded).toEqual([]);
  // Names with values have no bound of zod's: those of the claims parameter are counted first, a header's are not looked at.
  expect(
    filesWith(/\bz\.record\(/).filter((path) => path.startsWith('oauth/') || path.startsWith('lib/')),
  ).toEqual(['lib/read-unverified-jwt.ts', 'oauth/claims-request.ts']);
});

function behindParenthesis(text: string, { 0: { length }, index }: RegExpExecArray): string {
  let open = 1;
  let at = index + length;
  for (; open > 0 && at < text.length; at += 1) open += text[at] === '(' ? 1 : text[at] === ')' ? -1 : 0;
  return text.slice(at, at + 200);
}
