/** What a document leaves to its reader, and the blocks that other tests run. */

/** By the beginning of the document's path and of the block: who runs it, or why nobody can. */
export const elsewhere: readonly (readonly [path: string, begins: string, who: string])[] = [
  ['README.md', 'npm ci && npm start', '.ci/run installs; test/config and test/commands start it'],
  ['README.md', 'npx gatehouse user create', 'documents.test.ts: the three commands lead to tokens'],
  ['README.md', 'npm ci && npm test', '.ci/run'],
  ['docs/explanation/architecture.md', '  interfaces', 'a picture'],
  ['docs/explanation/threat-model.md', 'browser, app, API', 'a picture'],
  [
    'docs/how-to/apis.md',
    '',
    'test/resource-servers/node.test.ts, and the other languages by npm run test:resource-servers; ASP.NET is not run',
  ],
  ['docs/reference/data-model.md', 'erDiagram', 'reference.test.ts: drawn from the schema'],
  [
    'docs/how-to/second-factors.md',
    'gatehouse user remove-second-factors',
    'needs a person who has one: test/commands/second-factors.test.ts',
  ],
  ['docs/how-to/claims.md', 'claims={', 'a parameter: test/oauth/tokens/released-claims.test.ts'],
  [
    'docs/how-to/backup.md',
    'gatehouse database copy',
    'needs a server named db: test/commands/no-password.test.ts',
  ],
  [
    'docs/how-to/backup.md',
    'mv /var/lib/gatehouse/gatehouse.db',
    'after the copy to a server named db: test/commands/same-database.test.ts',
  ],
  ['docs/how-to/conformance.md', 'CONFORMANCE_HOST', 'needs the Foundation’s suite: test/conformance'],
  ['docs/how-to/describe-an-api.md', 'components:', 'test/commands/describe-security-scheme.test.ts'],
  ['docs/how-to/describe-an-api.md', 'paths:', 'test/commands/describe-security-scheme.test.ts'],
  ['docs/how-to/libraries.md', 'OIDCProviderMetadataURL', 'test/clients/mod-auth-openidc.test.ts'],
  [
    'docs/tutorials/first-app.md',
    'import * as client',
    'documents.test.ts: the tutorial’s app finds the server',
  ],
  ['docs/tutorials/api.md', '', 'test/examples/api.test.ts'],
  ['docs/tutorials/web-app.md', '', 'test/examples/web-app.test.ts'],
  ['docs/tutorials/single-page-app.md', '', 'test/examples/single-page-app.test.ts'],
  ['docs/how-to/production.md', '', 'production.test.ts'],
  ['docs/how-to/scale-out.md', 'umask', 'needs Docker, which no test machine has'],
  [
    'docs/how-to/scale-out.md',
    'export GATEHOUSE_DATABASE_FILE',
    'needs a server named db: test/commands/workers.test.ts',
  ],
  ['docs/how-to/step-up.md', 'HTTP/1.1 401', 'documents.test.ts: an API asks for a fresh sign-in'],
  ['docs/how-to/step-up.md', 'const FRESH_SECONDS', 'documents.test.ts: an API asks for a fresh sign-in'],
  ['docs/how-to/step-up.md', 'GET /authorize', 'test/oauth/authorization/step-up.test.ts'],
  ['docs/how-to/apps/', '', 'test/interop/templates.test.ts makes them from the templates and runs those'],
];

export interface Known {
  readonly issuer: string;
  readonly clientId: string;
  readonly password: string;
}

/** What a reader has done before: a key to encrypt backups for, a token that was just printed. */
const beforehand: readonly (readonly [word: string, script: string])[] = [
  ['$RECIPIENT', `RECIPIENT=$(age-keygen 2>/dev/null | sed -n 's/^# public key: //p')`],
  [
    '$TOKEN',
    `TOKEN=$(gatehouse client initial-access-token --json | sed -n 's/.*"initial_access_token": "\\(.*\\)".*/\\1/p')`,
  ],
];

/** Commands before which the server is stopped, as their documents say. */
export const needsStop = (text: string) => text.includes('database restore');

/** The block as a reader of this document would type it. */
export function prepared(
  text: string,
  { issuer, clientId, password }: Known,
): { readonly script: string; readonly input?: string } {
  const before = beforehand.filter(([word]) => text.includes(word)).map(([, script]) => `${script}\n`);
  const script = (before.join('') + text)
    .replaceAll('CLIENT_ID', clientId)
    .replaceAll('http://localhost:4000', issuer)
    .replaceAll('/var/backups/gatehouse/', './')
    .replaceAll('/var/lib/gatehouse/', './data/')
    .replaceAll('https://op.example.com', issuer);
  return { script, ...(text.includes('--password-stdin') && { input: `${password}\n` }) };
}
