/** The claims about the person that an ID token, an access token or userinfo holds. OpenID Connect Core §5.4, §5.5 */
import { isDeepStrictEqual } from 'node:util';
import type { ClaimPlace } from '../../config/scope-and-claim-settings.ts';
import type { ClaimCatalogue, ClaimDefinition } from '../../identity/claims/claims-by-scope-and-place.ts';
import { type ClaimsSource, claimsOf, needsMembership } from '../../identity/claims/user-claim-values.ts';
import { findMembership } from '../../identity/groups-and-roles.ts';
import { findUser } from '../../identity/users/users.ts';
import type { GrantRow } from '../../storage/tables/grants.ts';
import { type AskedClaim, askedClaims } from '../access/requested-claims-client-may-have.ts';
import { parseAccess } from '../access/stored-access.ts';
import type { IndividualClaimRequest } from '../claims-request.ts';
import type { Client } from '../clients/client.ts';
import { isSelfRegistered } from '../clients/is-self-registered.ts';
import type { ClaimsContext } from './context.ts';

export interface Holder {
  readonly client: Client;
  readonly grant: Pick<GrantRow, 'sub' | 'access'>;
  /** Of the token. */
  readonly scope: readonly string[];
}

/** Reads nothing where nothing is asked for here. `person` is given, where they were read already. */
export async function releaseClaims(
  context: ClaimsContext,
  holder: Holder,
  place: ClaimPlace,
  person?: ClaimsSource,
): Promise<Record<string, unknown>> {
  const asked = claimsAsked(context, holder, place);
  if (asked.length === 0) return {};
  const source = person ?? (await findUser(context, holder.grant.sub));
  if (!source) return {};
  const definitions = asked.map(({ definition }) => definition);
  const membership = needsMembership(definitions)
    ? await findMembership(context.db, holder.grant.sub)
    : undefined;
  const values = claimsOf(source, definitions, membership);
  for (const { definition, request } of asked) {
    if (request !== null && !satisfiesRequest(request, values[definition.name]))
      delete values[definition.name];
  }
  return values;
}

/**
 * Many apps look for the person in the ID token alone. Core §5.4 leaves what scopes ask for to userinfo where there is an
 * access token, so an app that registered itself gets it there.
 */
function readsIdToken(client: Client): boolean {
  return !isSelfRegistered(client) && client.metadata.id_token_claims !== 'minimal';
}

/** What userinfo has of the scopes, where the operator did not say that it is for userinfo alone. */
function unplaced({ inPlace }: ClaimCatalogue, scope: readonly string[]): ClaimDefinition[] {
  return scope
    .flatMap((one) => inPlace.userinfo.get(one) ?? [])
    .filter(({ isPlaced, places }) => !isPlaced && !places.includes('id_token'));
}

/**
 * By the scopes, and one by one; what a scope gives does not hang on the values asked for. A token of fewer scopes than
 * its grant has none of the claims of what it left out (RFC 6749 §6).
 */
function claimsAsked(
  { claimCatalogue }: Pick<ClaimsContext, 'claimCatalogue'>,
  { client, grant, scope }: Holder,
  place: ClaimPlace,
): readonly AskedClaim[] {
  const given = scope.flatMap((one) => claimCatalogue.inPlace[place].get(one) ?? []);
  if (place === 'id_token' && readsIdToken(client)) given.push(...unplaced(claimCatalogue, scope));
  const byScope = given.map((definition) => ({ definition, request: null }));
  if (place === 'access_token') return byScope;
  const granted = parseAccess(grant.access);
  const single = askedClaims(claimCatalogue, client, granted.claims, place);
  if (single.length === 0) return byScope;
  const left = granted.scope.filter((one) => !scope.includes(one));
  const leftOut = new Set(left.flatMap((one) => claimCatalogue.ofScope.get(one) ?? []));
  const beyond = single.filter(
    ({ definition }) => !given.includes(definition) && !leftOut.has(definition.name),
  );
  return [...byScope, ...beyond];
}

/** Core §5.5.1 value, values: a claim of another value is left out, never an error. */
function satisfiesRequest(request: IndividualClaimRequest, value: unknown): boolean {
  if (request === null) return true;
  const wanted = [...(request.value === undefined ? [] : [request.value]), ...(request.values ?? [])];
  return wanted.length === 0 || wanted.some((one) => isDeepStrictEqual(one, value));
}
