/** What a consent to scopes allows of claims that are asked for one by one. */
import type { ClaimCatalogue } from '../../identity/claims/claims-by-scope-and-place.ts';
import type { Access } from './members/access-of-all-members.ts';
import { claimsNamed } from './members/individual-claims.ts';

/** The claims that these scopes release. OpenID Connect Core §5.4 */
export function claimsOfScopes(catalogue: ClaimCatalogue, scope: readonly string[]): ReadonlySet<string> {
  return new Set(scope.flatMap((one) => catalogue.ofScope.get(one) ?? []));
}

/** What a remembered consent allows: beside its own claims those that its scopes hold. */
export function allowedBy(catalogue: ClaimCatalogue, consent: Access): Access {
  const ofScopes = claimsNamed([...claimsOfScopes(catalogue, consent.scope)]);
  return { ...consent, claims: [...ofScopes, ...consent.claims] };
}
