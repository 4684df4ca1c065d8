/** Mutants that no test can tell from the original: they do not count as surviving, and are printed with their reason. */
import type { Mutant } from './instrumented.ts';

export interface Equivalent extends Pick<Mutant, 'source' | 'lineText' | 'original' | 'replacement'> {
  readonly reason: string;
}

/** In what the compiler asks for, and no value ever needs. */
const CLAIMED = 'the method is asked only where it saw the secret';
const PATTERN_HAS_GROUP = 'a match has the group: the pattern demands it';

export const equivalents: readonly Equivalent[] = [
  {
    source: 'src/oauth/clients/authentication/client-secret-basic.ts',
    lineText: 'checkSecret(client, basicOf(credentials)?.secrets ?? [], clock.nowMs()),',
    original: '[]',
    replacement: '["Stryker was here"]',
    reason: CLAIMED,
  },
  {
    source: 'src/oauth/clients/authentication/client-secret-basic.ts',
    lineText: 'isProven(checkSecret(now, basicOf(credentials)?.secrets ?? [], clock.nowMs())),',
    original: '[]',
    replacement: '["Stryker was here"]',
    reason: CLAIMED,
  },
  {
    source: 'src/oauth/clients/authentication/client-secret-post.ts',
    lineText: "checkSecret(client, [parameters.get('client_secret') ?? ''], clock.nowMs()),",
    original: "''",
    replacement: '"Stryker was here!"',
    reason: CLAIMED,
  },
  {
    source: 'src/oauth/clients/authentication/client-secret-post.ts',
    lineText: "isProven(checkSecret(now, [parameters.get('client_secret') ?? ''], clock.nowMs())),",
    original: "''",
    replacement: '"Stryker was here!"',
    reason: CLAIMED,
  },
  {
    source: 'src/oauth/gate-before-issuing.ts',
    lineText: 'if (isRefusal(audience)) return audience;',
    original: 'isRefusal(audience)',
    replacement: 'false',
    reason: 'what it is spread into is a refusal too',
  },
  {
    source: 'src/oauth/grants/authorization-code.ts',
    lineText:
      "if (!grant || !equalInConstantTime(binding, grant.code_binding ?? '')) return notValid('unknown_code');",
    original: "''",
    replacement: '"Stryker was here!"',
    reason: 'what is shown is a hash, which equals neither',
  },
  {
    source: 'src/oauth/grants/authorization-code.ts',
    lineText: "const grant = await findGrant(context.db, grantIdOfCode(code) ?? '');",
    original: "''",
    replacement: '"Stryker was here!"',
    reason: 'no grant has either id',
  },
  {
    source: 'src/oauth/grants/client-credentials.ts',
    lineText: 'look: async () => ({}),',
    original: 'async () => ({})',
    replacement: '() => undefined',
    reason: 'nothing of what it found is read',
  },
  {
    source: 'src/oauth/match-redirect-uri.ts',
    lineText: "const port = match.groups?.port ?? '';",
    original: 'match.groups?.port',
    replacement: 'match.groups.port',
    reason: 'a match of a pattern with named groups has groups',
  },
  {
    source: 'src/oauth/tokens/derive-and-find-refresh-token.ts',
    lineText: "const grant = await read(context.db, match.groups.grant_id ?? '');",
    original: "''",
    replacement: '"Stryker was here!"',
    reason: PATTERN_HAS_GROUP,
  },
];

/** Why the mutant cannot be told from the original; undefined: it can. */
export function findEquivalence(mutant: Mutant): string | undefined {
  return equivalents.find((each) => isSame(each, mutant))?.reason;
}

/** Of the sources given, those in the list that are no mutants any more. */
export function findLeftOver(mutants: readonly Mutant[]): readonly Equivalent[] {
  const sources = new Set(mutants.map(({ source }) => source));
  return equivalents.filter(
    (each) => sources.has(each.source) && !mutants.some((mutant) => isSame(each, mutant)),
  );
}

function isSame(each: Equivalent, { source, lineText, original, replacement }: Mutant): boolean {
  return (
    each.source === source &&
    each.lineText === lineText &&
    each.original === original &&
    each.replacement === replacement
  );
}
