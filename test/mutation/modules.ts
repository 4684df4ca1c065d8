/** What is mutated, by the name that `npm run test:mutation -- NAME` takes, and the tests that are asked about it. */
import { existsSync, readdirSync } from 'node:fs';
import { root } from './instrumented.ts';

export interface MutatedModule {
  readonly sources: readonly string[];
  /** Beside the mirrors of the sources. A mutant is shown to those of the tests that reach it, the fastest file first. */
  readonly tests: readonly string[];
}

/** Each file of a folder of src/; a context is types alone. */
const sourcesIn = (folder: string): readonly string[] =>
  readdirSync(root + folder)
    .filter((name) => name.endsWith('.ts') && name !== 'context.ts')
    .map((name) => folder + name)
    .sort();

export const modules: Readonly<Record<string, MutatedModule>> = {
  pkce: {
    sources: ['src/oauth/pkce.ts', 'src/oauth/authorization/rules/pkce.ts'],
    tests: ['test/oauth/authorization/pkce.test.ts', 'test/oauth/grants/authorization-code.test.ts'],
  },
  'redirect-uri': {
    sources: [
      'src/oauth/match-redirect-uri.ts',
      'src/oauth/redirect-uri-kind.ts',
      'src/oauth/clients/redirect-uri-rules.ts',
    ],
    tests: [
      'test/oauth/clients/complete-and-check-metadata.test.ts',
      'test/oauth/clients/reserved-members.test.ts',
      'test/oauth/requests/authorization.test.ts',
    ],
  },
  csrf: {
    sources: [
      'src/http/csrf.ts',
      'src/http/pages/check-own-form.ts',
      'src/http/pages/accept-own-form-or-any-post.ts',
    ],
    tests: ['test/http/pages/forms.test.ts', 'test/http/pages/other-tabs.test.ts'],
  },
  throttling: {
    sources: ['src/identity/attempts/throttling.ts', 'src/identity/attempts/throttle-policies.ts'],
    tests: ['test/identity/attempts/counting.test.ts'],
  },
  gate: {
    sources: ['src/oauth/gate-before-issuing.ts', 'src/oauth/check-grant-standing.ts'],
    tests: [
      'test/oauth/admit.test.ts',
      'test/oauth/taken-away.test.ts',
      'test/oauth/refused-scope.test.ts',
      'test/oauth/grants/refresh-token.test.ts',
      'test/oauth/clients/changed-meanwhile.test.ts',
      'test/oauth/requests/token.test.ts',
    ],
  },
  grants: {
    sources: [
      'src/oauth/grants/authorization-code.ts',
      'src/oauth/grants/client-credentials.ts',
      'src/oauth/grants/refresh-token.ts',
    ],
    tests: [
      'test/oauth/authorization/pkce.test.ts',
      'test/oauth/clients/acts-for-people.test.ts',
      'test/oauth/clients/working-encryption-key.test.ts',
      'test/oauth/clock-ahead.test.ts',
      'test/oauth/grants/boundaries.test.ts',
      'test/oauth/grants/every-grant.test.ts',
      'test/oauth/grants/start-grant-at-first-use.test.ts',
      'test/oauth/grants/refresh-without-rotation.test.ts',
      'test/oauth/grants/refusals.test.ts',
      'test/oauth/requests/token.test.ts',
    ],
  },
  'refresh-arithmetic': {
    sources: ['src/oauth/tokens/derive-and-find-refresh-token.ts', 'src/oauth/tokens/refresh-rules.ts'],
    tests: ['test/oauth/grants/refresh-token.test.ts', 'test/oauth/grants/refresh-without-rotation.test.ts'],
  },
  sessions: {
    sources: [
      'src/identity/sessions/end-sessions.ts',
      'src/identity/sessions/start-or-renew-session.ts',
      'src/identity/sessions/find-live-sessions.ts',
      'src/identity/sessions/mark-session-seen.ts',
      'src/identity/sessions/session-type.ts',
    ],
    tests: [
      'test/identity/sessions/browser-session-cookies.test.ts',
      'test/identity/submit-second-factor.test.ts',
    ],
  },
  'client-authentication': {
    sources: sourcesIn('src/oauth/clients/authentication/'),
    tests: [
      // Two methods that share client_assertion, which the table of today has not.
      'test/architecture/add/client-method.test.ts',
      'test/oauth/clients/authentication/either-way.test.ts',
      'test/oauth/clients/authentication/every-method.test.ts',
      'test/oauth/clients/authentication/foreign-keys.test.ts',
      'test/oauth/clients/authentication/guesses.test.ts',
      'test/oauth/requests/token.test.ts',
      'test/oauth/wrong-types/client-assertion.test.ts',
    ],
  },
};

/** `src/oauth/pkce.ts` is tested in `test/oauth/pkce.test.ts` first of all, where there is such a file. */
export function testsOf({ sources, tests }: MutatedModule): readonly string[] {
  const mirrors = sources.map((source) => source.replace(/^src/, 'test').replace(/\.ts$/, '.test.ts'));
  return [...new Set([...mirrors.filter((mirror) => existsSync(root + mirror)), ...tests])];
}
