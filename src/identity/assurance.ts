/** Maps the methods of a sign-in (amr, RFC 8176) to an authentication context class (acr). OpenID Connect Core §2 */
import type { Factor } from './factors/factor.ts';
import { factors } from './factors/index.ts';

export interface AssuranceLevel {
  readonly acr: string;
  /** Each entry suffices by itself, where all its methods were used. */
  readonly amr: readonly (readonly string[])[];
}

/** Reached by a second factor beside the password. */
export const SECOND_FACTOR_ACR = 'urn:gatehouse:acr:mfa';

/** The levels of this server, the weakest first; a level includes those before it. */
export const assuranceLevels: readonly AssuranceLevel[] = [
  { acr: 'urn:gatehouse:acr:pwd', amr: [['pwd']] },
  {
    acr: SECOND_FACTOR_ACR,
    amr: [
      ['pwd', 'otp'],
      ['pwd', 'urn:gatehouse:amr:recovery_code'],
    ],
  },
];

/** What a relying party requests of the sign-in; `values` are its acr values in order of preference. */
export interface WantedAssurance {
  readonly values: readonly string[];
  readonly essential: boolean;
}

/** Whether any of the values can be reached on this server at all. */
export function isReachable({ values }: WantedAssurance): boolean {
  return values.length === 0 || values.some((acr) => rankOfAcr(acr) >= 0);
}

/**
 * Whether a sign-in by these methods is as strong as requested. Values that this server cannot reach count only where they
 * are essential.
 */
export function isAssured(amr: readonly string[], wanted: WantedAssurance): boolean {
  const reached = rankOfMethods(amr);
  if (wanted.values.length === 0) return !wanted.essential || reached >= 0;
  if (!wanted.essential && !isReachable(wanted)) return true;
  return wanted.values.some((acr) => isProven(acr, reached));
}

/** The first requested value that was reached, else the strongest level that was reached; undefined where none was. */
export function reachedAcr(amr: readonly string[], values: readonly string[] = []): string | undefined {
  const reached = rankOfMethods(amr);
  return values.find((acr) => isProven(acr, reached)) ?? assuranceLevels[reached]?.acr;
}

/**
 * The factors that are missing between these methods and what is requested, in the order of the table: empty where it is
 * reached, undefined where the available factors do not reach it. Uses the first requested value that can be reached.
 */
export function missingFactors(
  amr: readonly string[],
  wanted: WantedAssurance,
  available: readonly Factor[] = factors,
): readonly Factor[] | undefined {
  if (isAssured(amr, wanted)) return [];
  const accepted = wanted.values.length === 0 ? assuranceLevels.map(({ acr }) => acr) : wanted.values;
  const ways = accepted.flatMap((acr) => assuranceLevels.find((level) => level.acr === acr)?.amr ?? []);
  for (const methods of ways) {
    const missing = methods.filter((method) => !amr.includes(method));
    const used = available.filter((factor) => factor.amr.some((method) => missing.includes(method)));
    if (missing.every((method) => used.some((factor) => factor.amr.includes(method)))) return used;
  }
  return undefined;
}

function isProven(acr: string, reached: number): boolean {
  const rank = rankOfAcr(acr);
  return rank >= 0 && rank <= reached;
}

function rankOfAcr(acr: string): number {
  return assuranceLevels.findIndex((level) => level.acr === acr);
}

function rankOfMethods(amr: readonly string[]): number {
  return assuranceLevels.findLastIndex((level) =>
    level.amr.some((methods) => methods.every((method) => amr.includes(method))),
  );
}
