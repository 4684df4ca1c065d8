/** What is mutated, by the name that `npm run test:mutation -- NAME` takes, and the tests that are asked about it. */
import { existsSync } from 'node:fs';
import { root } from './instrumented.ts';

export interface MutatedModule {
  readonly sources: readonly string[];
  /** Beside the mirrors of the sources. A mutant is shown to those of the tests that reach it, the fastest file first. */
  readonly tests: readonly string[];
}

export const modules: Readonly<Record<string, MutatedModule>> = {
  pkce: {
    sources: ['src/oauth/pkce.ts', 'src/oauth/authorization/rules/pkce.ts'],
    tests: ['test/oauth/authorization/pkce.test.ts', 'test/oauth/grants/authorization-code.test.ts'],
  },
  'redirect-uri': {
    sources: ['src/oauth/redirect-uri.ts', 'src/oauth/clients/redirect-uri-rules.ts'],
    tests: [
      'test/oauth/clients/metadata.test.ts',
      'test/oauth/clients/reserved-members.test.ts',
      'test/oauth/requests/authorization.test.ts',
    ],
  },
  csrf: {
    sources: ['src/http/csrf.ts', 'src/http/pages/form-check.ts', 'src/http/pages/submission.ts'],
    tests: ['test/http/pages/forms.test.ts', 'test/http/pages/other-tabs.test.ts'],
  },
  throttling: {
    sources: ['src/identity/attempts/throttling.ts'],
    tests: ['test/identity/attempts/counting.test.ts'],
  },
};

/** `src/oauth/pkce.ts` is tested in `test/oauth/pkce.test.ts` first of all, where there is such a file. */
export function testsOf({ sources, tests }: MutatedModule): readonly string[] {
  const mirrors = sources.map((source) => source.replace(/^src/, 'test').replace(/\.ts$/, '.test.ts'));
  return [...new Set([...mirrors.filter((mirror) => existsSync(root + mirror)), ...tests])];
}
