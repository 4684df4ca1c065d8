/** All claims, standard ones and the operator's: the source of each, and the places where each scope puts it. */

import {
  type ClaimPlace,
  type ClaimSettings,
  type ClaimSource,
  claimSource,
} from '../../config/scope-and-claim-settings.ts';
import { standardClaims, standardScopeClaims } from '../../config/standard-scopes-and-claims.ts';

export interface ClaimDefinition {
  readonly name: string;
  readonly source: ClaimSource;
  readonly places: readonly ClaimPlace[];
  /** Whether the operator's settings name the places. */
  readonly isPlaced: boolean;
}

export interface ClaimCatalogue {
  /** By the claim's name. */
  readonly claims: ReadonlyMap<string, ClaimDefinition>;
  /** The names of the claims of each scope. */
  readonly ofScope: ReadonlyMap<string, readonly string[]>;
  /** For each place and scope, the claims that the scope puts there. */
  readonly inPlace: Readonly<Record<ClaimPlace, ReadonlyMap<string, readonly ClaimDefinition[]>>>;
  /** The operator's own attributes, which may be stored for a user. */
  readonly attributes: readonly string[];
}

/** The catalogue of settings that config/scope-and-claim-faults.ts has checked. */
export function createClaimCatalogue(settings: ClaimSettings): ClaimCatalogue {
  const names = [...standardClaims, ...Object.keys(settings.claims)];
  const claims = new Map(names.map((name) => [name, define(name, settings)]));
  const ofScope = new Map(
    allScopes(settings).map((scope) => [scope, claimsOfScope(scope, settings)] as const),
  );
  const placed = (place: ClaimPlace) =>
    new Map(
      [...ofScope].flatMap(([scope, own]) => {
        const there = own
          .flatMap((name) => claims.get(name) ?? [])
          .filter((one) => one.places.includes(place));
        return there.length === 0 ? [] : [[scope, there] as const];
      }),
    );
  const inPlace = {
    id_token: placed('id_token'),
    userinfo: placed('userinfo'),
    access_token: placed('access_token'),
  };
  return { claims, ofScope, inPlace, attributes: ownAttributes(claims) };
}

function allScopes({ scopes }: ClaimSettings): string[] {
  return [...new Set([...Object.keys(standardScopeClaims), ...Object.keys(scopes)])];
}

function claimsOfScope(scope: string, { scopes }: ClaimSettings): string[] {
  const standard: Readonly<Record<string, readonly string[]>> = standardScopeClaims;
  const own = Object.hasOwn(standard, scope) ? standard[scope] : undefined;
  return [...new Set([...(own ?? []), ...(scopes[scope]?.claims ?? [])])];
}

function define(name: string, { claims }: ClaimSettings): ClaimDefinition {
  const written = claims[name];
  const source = claimSource(name, written?.from);
  // OpenID Connect Core §5.4: at userinfo. Some apps read groups and roles in the ID token, others at userinfo: both have them.
  const preset: readonly ClaimPlace[] = source.kind === 'attribute' ? ['userinfo'] : ['id_token', 'userinfo'];
  return { name, source, places: written?.in ?? preset, isPlaced: written?.in !== undefined };
}

function ownAttributes(claims: ReadonlyMap<string, ClaimDefinition>): string[] {
  const attributes = [...claims.values()].flatMap(({ source }) =>
    source.kind === 'attribute' && !standardClaims.includes(source.attribute) ? [source.attribute] : [],
  );
  return [...new Set(attributes)];
}
