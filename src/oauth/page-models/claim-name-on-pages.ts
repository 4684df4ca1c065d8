/** A claim as the consent page and the list of apps name it. */
import { standardClaims } from '../../config/standard-scopes-and-claims.ts';
import type { SingleClaim } from '../access/members/individual-claims.ts';

/** A claim as a page names it: a standard one has words in each language. */
export interface ShownClaim {
  readonly claim: string;
  readonly isStandard: boolean;
}

/**
 * Describes a claim for the consent page and the list of apps. The standard claims are those of OpenID Connect Core
 * §5.1.
 */
export function showClaim({ name }: SingleClaim): ShownClaim {
  return { claim: name, isStandard: standardClaims.includes(name) };
}
