/** Which of the claims that are asked for one by one a client may have, and which of them need the user's consent. OpenID Connect Core §5.4, §5.5 */
import type { ClaimCatalogue, ClaimDefinition } from '../../identity/claims/claims-by-scope-and-place.ts';
import type { ClaimsRequest, IndividualClaimRequest, RequestedPlace } from '../claims-request.ts';
import type { Client } from '../clients/client.ts';
import { parseScope } from '../parse-and-narrow-scope.ts';
import { claimsOfScopes } from './consent-with-claims-of-scopes.ts';
import { claimsNamed, requestedClaims, type SingleClaim } from './members/individual-claims.ts';

/** The claims that the client may ask for one by one: those of the scopes that it is registered for. */
function claimsOfClient(catalogue: ClaimCatalogue, { metadata }: Client): ReadonlySet<string> {
  return claimsOfScopes(catalogue, parseScope(metadata.scope) ?? []);
}

/** The claims that the person must allow beside the scopes, by their names. */
export function claimsBeyondScope(
  catalogue: ClaimCatalogue,
  client: Client,
  scope: readonly string[],
  request: ClaimsRequest,
): readonly SingleClaim[] {
  const allowed = claimsOfClient(catalogue, client);
  const covered = claimsOfScopes(catalogue, scope);
  const names = requestedClaims(request).map(({ name }) => name);
  return claimsNamed(names.filter((name) => allowed.has(name) && !covered.has(name)));
}

/** What a grant keeps of the request: the claims that there are and that the client may have. */
export function claimsOfGrant(
  catalogue: ClaimCatalogue,
  client: Client,
  request: ClaimsRequest | undefined,
): readonly SingleClaim[] {
  if (request === undefined) return [];
  const allowed = claimsOfClient(catalogue, client);
  return requestedClaims(request)
    .filter(({ name }) => allowed.has(name))
    .map(({ name, ...places }) => ({ name, ...mapValues(places, valuesOf) }));
}

function mapValues<Name extends string, Value>(
  from: Readonly<Partial<Record<Name, Value>>>,
  map: (value: Value) => Value,
): Partial<Record<Name, Value>> {
  const entries = Object.entries(from) as [Name, Value][];
  return Object.fromEntries(entries.map(([name, value]) => [name, map(value)])) as Partial<
    Record<Name, Value>
  >;
}

/** Whether it was essential does not matter to the answer (§5.5.1). */
function valuesOf(request: IndividualClaimRequest): IndividualClaimRequest {
  if (request === null || (request.value === undefined && request.values === undefined)) return null;
  return { value: request.value, values: request.values };
}

/** A claim that the grant releases in one place, with the values that were asked for. */
export interface AskedClaim {
  readonly definition: ClaimDefinition;
  readonly request: IndividualClaimRequest;
}

/** What {@link claimsOfGrant} kept for this place, as far as the client may still have it. */
export function askedClaims(
  catalogue: ClaimCatalogue,
  client: Client,
  claims: readonly SingleClaim[],
  place: RequestedPlace,
): readonly AskedClaim[] {
  if (claims.length === 0) return [];
  const allowed = claimsOfClient(catalogue, client);
  return claims.flatMap(({ name, [place]: request }) => {
    const definition = catalogue.claims.get(name);
    return request !== undefined && definition && allowed.has(name) ? [{ definition, request }] : [];
  });
}
