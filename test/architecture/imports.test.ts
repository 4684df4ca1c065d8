import { describe, expect, it } from 'vitest';
import { factors } from '../../src/identity/factors/index.ts';
import { authenticationMethods } from '../../src/oauth/clients/authentication/index.ts';
import { importRules, mayImport } from './import-rules.ts';
import { files } from './source-files.ts';

describe('the layers', () => {
  it('every file imports only what the rules of its folder allow', () => {
    const wrong = files.flatMap(({ path, imports }) =>
      imports.filter((target) => !mayImport(path, target)).map((target) => `${path} → ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('every rule names a file or folder that exists', () => {
    const named = importRules.flatMap(({ path, mayImport, only = {}, never = [] }) => [
      path,
      ...mayImport,
      ...Object.values(only).flat(),
      ...never,
    ]);
    const isThere = (one: string) => files.some(({ path }) => path === one || path.startsWith(`${one}/`));
    expect(named.filter((one) => !isThere(one))).toEqual([]);
  });

  it.each([
    ['config/load-settings.ts', 'lib/nearest-word.ts', true],
    ['config/load-settings.ts', 'identity/claims/claims-by-scope-and-place.ts', false],
    ['identity/context.ts', 'oauth/context.ts', false],
    ['oauth/grants/x.ts', 'oauth/grant-proof.ts', true],
    ['oauth/grants/x.ts', 'oauth/gate-before-issuing.ts', false],
    ['oauth/grants/x.ts', 'oauth/tokens/issue.ts', false],
    ['oauth/grants/x.ts', 'http/app.ts', false],
    ['http/endpoints/x.ts', 'oauth/requests/token.ts', true],
    ['http/endpoints/x.ts', 'oauth/grants/index.ts', false],
    ['http/endpoints/x.ts', 'storage/tables/users.ts', false],
    ['http/endpoints/x.ts', 'storage/database.ts', true],
    ['elsewhere/x.ts', 'lib/nearest-word.ts', false],
  ])('%s → %s: %s', (file, target, isAllowed) => {
    expect(mayImport(file, target)).toBe(isAllowed);
  });
});

describe('one place for each', () => {
  it('the word Bearer is written, and the Authorization header read, in one place each', () => {
    const uses = (pattern: RegExp) => files.filter(({ text }) => pattern.test(text)).map(({ path }) => path);
    expect(uses(/['"`]Bearer\b/)).toEqual(['oauth/token-challenge.ts']);
    expect(uses(/headers\.authorization\b|headerOf\([^)]*'authorization'/).sort()).toEqual([
      // As a client, which writes it.
      'commands/login.ts',
      // Of doctor alone, with a scheme of its own.
      'http/authenticate-doctor-by-master-key.ts',
      'oauth/authorization-header.ts',
    ]);
  });

  it("the request of a machine endpoint is built in one place, and no endpoint sees Fastify's request", () => {
    const endpoints = files.filter(({ path }) => path.startsWith('http/endpoints/'));
    expect(endpoints.filter(({ text }) => /\bFastifyRequest\b|sourceOf/.test(text))).toEqual([]);
    const builders = files.filter(({ text }) => /\bbackChannelRequest\(/.test(text));
    expect(builders.map(({ path }) => path).sort()).toEqual([
      'http/app.ts',
      'http/read-back-channel-request.ts',
    ]);
  });

  it('SQL is only in storage', () => {
    const wrong = files
      .filter(({ path }) => !path.startsWith('storage/'))
      .filter(({ text }) => /[`'"]\s*(SELECT .+ FROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b/.test(text));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it('the environment is read in config/load, the clock and random bytes in lib/runtime', () => {
    const uses = (pattern: RegExp, except: readonly string[]) =>
      files.filter(({ path, text }) => pattern.test(text) && !except.includes(path)).map(({ path }) => path);
    expect(uses(/process\.env\b/, ['config/load-settings.ts', 'config/operator-running-command.ts'])).toEqual(
      [],
    );
    expect(uses(/\bDate\.now\b/, ['lib/clock-and-random.ts'])).toEqual([]);
    expect(uses(/\brandomBytes\b/, ['config/development-master-key.ts', 'commands/login.ts'])).toEqual([]);
  });

  it('SQLite files are opened in storage/sqlite/connect, temporary files made in storage/backup/temporary-folder', () => {
    const uses = (pattern: RegExp) => files.filter(({ text }) => pattern.test(text)).map(({ path }) => path);
    expect(uses(/\bnew SqliteDatabase\(/)).toEqual(['storage/sqlite/connect.ts']);
    expect(uses(/\b(?:tmpdir|mkdtemp\w*)\(/)).toEqual(['storage/backup/make-temporary-folder.ts']);
    expect(uses(/\/proc\/(?:self|\$\{pid\})\/limits/)).toEqual(['lib/open-file-limit.ts']);
  });

  it('code that waits for the next turn of the event loop, or for a time or a time limit, uses a function of lib/', () => {
    const uses = (pattern: RegExp) => files.filter(({ text }) => pattern.test(text)).map(({ path }) => path);
    expect(uses(/\bsetImmediate\(/).sort()).toEqual([
      // One by one, each in its place of the same turn.
      'http/fair-queue.ts',
      'lib/handle-pending-signals.ts',
      'lib/next-event-loop-turn.ts',
      'lib/once-or-batch-per-turn.ts',
      // After a time, when what came meanwhile was read.
      'outbound/concurrency-limits.ts',
      'storage/postgres/work-deadline.ts',
      // What is written while a group is under way joins it.
      'storage/sqlite/group-commit.ts',
    ]);
    expect(uses(/=> setTimeout\(\w+, [^)]+\)\)/)).toEqual(['lib/pause.ts']);
    expect(uses(/\bPromise\.race\(/).sort()).toEqual([
      // Whichever comes first of two events, with no limit in time.
      'commands/read-secret.ts',
      'commands/server/worker-processes.ts',
      'lib/time-limit.ts',
      'outbound/concurrency-limits.ts',
    ]);
  });

  it('only commands/print writes to the terminal, so that untrusted text is escaped', () => {
    const writers = files.filter(({ text }) =>
      /\b(?:process\.std(?:out|err)\.write|console\.\w+)\(/.test(text),
    );
    // main.ts refuses an old Node before anything is loaded.
    expect(writers.map(({ path }) => path).sort()).toEqual(['commands/print.ts', 'main.ts']);
  });

  it('every log, that of a command too, is made in one place, which escapes untrusted text', () => {
    const makers = files.filter(({ text }) => /\bpino\(/.test(text));
    expect(makers.map(({ path }) => path)).toEqual(['lib/log.ts']);
  });

  it('A106 outgoing requests use outbound/send; a command calls the server that its operator names', () => {
    const goesOut =
      /\bfetch\(|\brequest as \w+Request\b|from 'node:dns|\bundici\b|\bconnect\b[^;]*from 'node:(?:net|tls)'/;
    const senders = files.filter(({ text }) => goesOut.test(text)).map(({ path }) => path);
    expect(senders.sort()).toEqual([
      'commands/bounded-http-client.ts',
      'commands/doctor/certificate-expiry-and-renewal.ts',
      'outbound/resolve-host-names.ts',
      'outbound/send-to-checked-address.ts',
      'outbound/tls-connection-with-byte-limit.ts',
    ]);
    const connected = files.filter(({ text }) => /\bcreateBoundedAgent\(\)/.test(text));
    expect(connected.map(({ path }) => path).sort()).toEqual([
      'outbound/send-to-checked-address.ts',
      'outbound/tls-connection-with-byte-limit.ts',
    ]);
  });

  it('one function consumes, one makes grants, one issues', () => {
    const consumers = files.filter(({ text }) => /DELETE FROM one_time WHERE kind/.test(text));
    expect(consumers.map(({ path }) => path)).toEqual(['storage/tables/one-time.ts']);
    const makers = files.filter(({ text }) => /\bINSERT INTO grants\b|\binsertGrant\(/.test(text));
    expect(makers.map(({ path }) => path).sort()).toEqual([
      'oauth/authorization/create-grant.ts',
      'storage/tables/grants.ts',
    ]);
    const issuers = files.filter(({ text }) => /\bissueTokens\(/.test(text)).map(({ path }) => path);
    expect(issuers.sort()).toEqual(['oauth/requests/token.ts', 'oauth/tokens/issue.ts']);
  });
});

/** Of a file of http/, whether it ends a session in a transaction, or writes to the database itself. */
const writes = (text: string) =>
  /\b(?:endSessionIn|endSessionsOfUser|writeUnlessRefused)\b|\bdb\b[?!]*\.write\b|\bwrite\b[^=\n]*= \w+\.db\b|\bTx\b/.test(
    text,
  );

describe('a proof', () => {
  const makersOf = (pattern: RegExp, declared: string) =>
    files
      .filter(({ path, text }) => path !== declared && pattern.test(text))
      .map(({ path }) => path)
      .sort();

  it('of a client is made by comparisons of prove-client-by-comparison.ts, which the files of the methods alone may call', () => {
    const methods = 'oauth/clients/authentication/';
    const callersOf = (name: string) =>
      makersOf(new RegExp(`\\b${name}\\(`), `${methods}prove-client-by-comparison.ts`);
    const table = files.find(({ path }) => path === `${methods}index.ts`)?.imports ?? [];
    const rows = table.filter((path) => path !== `${methods}method.ts`);
    expect(rows).toHaveLength(authenticationMethods.length);
    // What it compares is the secret itself, with what the client has of it: a code that is computed with one is an assertion's.
    expect(callersOf('provenBySecret')).toEqual([`${methods}check-client-secret.ts`]);
    const importersOf = (file: string) =>
      files
        .filter(({ path, imports }) => path.startsWith(methods) && imports.includes(`${methods}${file}`))
        .map(({ path }) => path)
        .sort();
    const filesOf = (chosen: readonly { readonly name: string }[]) =>
      chosen.map(({ name }) => `${methods}${name.replaceAll('_', '-')}.ts`).sort();
    const sending = authenticationMethods.filter(
      ({ credential, algorithms }) => credential === 'secret' && !algorithms,
    );
    expect(importersOf('check-client-secret.ts')).toEqual(filesOf(sending));
    const signing = authenticationMethods.filter(({ algorithms }) => algorithms);
    expect(importersOf('assertion-method.ts')).toEqual(filesOf(signing));
    expect(callersOf('provenAsPublic')).toEqual([`${methods}none.ts`]);
    // Whoever calls it has applied the rules of assertions, and what a restore left unknown.
    expect(callersOf('provenByAssertion')).toEqual([`${methods}assertion-method.ts`]);
    expect(callersOf('provenAnew')).toEqual([`${methods}authenticate.ts`]);
  });

  it('of a grant is made by the grants, and of a user by the code that checked the password', () => {
    expect(makersOf(/\b(?:grantProven|clientItself)\b/, 'oauth/grant-proof.ts')).toEqual([
      'oauth/grants/client-credentials.ts',
      'oauth/grants/refresh-token.ts',
      'oauth/grants/start-grant-at-first-use.ts',
    ]);
    // A refresh token whose answer was lost has the same successor again, for a moment.
    expect(makersOf(/\bgrantProvenWithoutSpending\b/, 'oauth/grant-proof.ts')).toEqual([
      'oauth/grants/refresh-token.ts',
    ]);
    // A factor of the table is asked for what it must refuse by test/identity/factors/every-factor.test.ts.
    expect(makersOf(/\bpersonProven\(/, 'identity/proof-user-was-authenticated.ts')).toEqual(
      [
        ...factors.map(({ name }) => `identity/factors/${name}.ts`),
        'identity/passwords/password-change.ts',
      ].sort(),
    );
  });

  it('of a caller is made by the code that requires a client, a token, or explicitly neither', () => {
    expect(makersOf(/\bcallerProven\(/, 'oauth/proof-caller-was-authenticated.ts')).toEqual([
      'oauth/bindings/prove-access-token-possession.ts',
      'oauth/clients/authentication/run-as-client-spending-jtis.ts',
      'oauth/requests/client-registration.ts',
      'oauth/requests/registration-management.ts',
    ]);
    expect(makersOf(/\bOPEN_TO_EVERYBODY\b/, 'oauth/proof-caller-was-authenticated.ts')).toEqual([
      'oauth/requests/client-registration.ts',
      'oauth/requests/jwks.ts',
      'oauth/requests/metadata.ts',
    ]);
  });

  it('that is valid once is spent by the code that acts as the client, or proves the key of a token', () => {
    expect(makersOf(/\bspendEach\(/, 'oauth/spend-jtis.ts')).toEqual([
      'oauth/bindings/prove-access-token-possession.ts',
      'oauth/clients/authentication/run-as-client-spending-jtis.ts',
    ]);
    expect(makersOf(/\bspendRow\(/, 'storage/spend-row.ts')).toEqual([
      'storage/tables/grants.ts',
      'storage/tables/one-time.ts',
      'storage/tables/recovery-codes.ts',
      'storage/tables/totp-enrolments.ts',
      'storage/tables/totp.ts',
    ]);
    expect(makersOf(/\bspendJti\(/, 'storage/tables/spent-jtis.ts')).toEqual(['oauth/spend-jtis.ts']);
  });

  it('of a branded kind is cast where it is made, and nowhere else', () => {
    const brands =
      'Admitted|Answer|Authenticated|Spendable|Spent|ClientProof|Confirmed|GrantProof|Page|PersonProof|Proven|Session|Submission|VerifiedClientJwt';
    const casts = files.flatMap(({ path, text }) =>
      [...text.matchAll(new RegExp(`\\bas (?:unknown as )?(${brands})\\b`, 'g'))].map(
        ([, brand]) => `${brand} ${path}`,
      ),
    );
    expect([...new Set(casts)].sort()).toEqual([
      'Admitted oauth/gate-before-issuing.ts',
      'Answer oauth/requests/answer-to-proven-caller.ts',
      'Authenticated oauth/clients/authentication/authenticate.ts',
      'ClientProof oauth/grant-proof.ts',
      'Confirmed oauth/authorization/confirm-in-transaction.ts',
      'GrantProof oauth/grant-proof.ts',
      'Page http/pages/who-may-open-page.ts',
      'Session identity/sessions/session-type.ts',
      'Spendable oauth/spend-jtis.ts',
      'Submission http/pages/accept-own-form-or-any-post.ts',
      'VerifiedClientJwt oauth/clients/verify-client-jwt.ts',
    ]);
  });

  it('of a form is not required for a POST to the authorization endpoint; the account and logout pages check it themselves', () => {
    expect(makersOf(/\bfromAnywhere\(/, 'http/pages/accept-own-form-or-any-post.ts')).toEqual([
      'http/pages/account/make-signed-in-page.ts',
      'http/pages/authorize-and-resume.ts',
      'http/pages/logout.ts',
    ]);
  });

  it('of whose a session is, is left out by the operator alone', () => {
    const anybodys = /import \{[^}]*\bendSession\b[^}]*\} from '[^']*\/sessions\/end-sessions\.ts'/;
    expect(makersOf(anybodys, '')).toEqual(['admin-commands/session.ts']);
  });

  it('of who ends a session is asked in the transaction that ends it: no page begins one, or ends it itself', () => {
    const wrong = files.filter(({ path, text }) => path.startsWith('http/') && writes(text));
    expect(wrong.map(({ path }) => path)).toEqual([]);
    const form = "{ sid: fields.sid ?? '', sub: fields.sub ?? '' }";
    expect(writes("import { endSessionIn } from '../../../identity/sessions/end-sessions.ts';")).toBe(true);
    expect(writes(`await tools.db.write((tx) => end(tools, tx, ${form}));`)).toBe(true);
    expect(writes('const { write } = tools.db;')).toBe(true);
    expect(writes('return writeUnlessRefused(tools.db, (tx) => change(tx));')).toBe(true);
    expect(writes(`return endOwnSession(tools, session, fields.sid ?? '', source);`)).toBe(false);
  });

  it('of a session is asked by the one maker of pages for users who are signed in', () => {
    expect(makersOf(/\bpageWithSession\(/, 'http/pages/who-may-open-page.ts')).toEqual([
      'http/pages/account/make-signed-in-page.ts',
    ]);
  });
});
