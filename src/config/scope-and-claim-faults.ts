/** Checks of the settings `scopes` and `claims` beyond their schemas. */
import { nearestWord } from '../lib/nearest-word.ts';
import { isReservedClaim } from './reserved-claims.ts';
import { type ClaimSettings, claimSource } from './scope-and-claim-settings.ts';
import { protocolScopes, standardClaims, standardScopeClaims } from './standard-scopes-and-claims.ts';

/** Why these settings cannot be used; each sentence names the setting and what to write. */
export function findClaimFaults(settings: ClaimSettings): string[] {
  const known = [...standardClaims, ...Object.keys(settings.claims)];
  return [
    ...Object.entries(settings.claims).flatMap(
      ([name, claim]) => faultOfClaim(name, claim.from, settings) ?? [],
    ),
    ...Object.entries(settings.scopes).flatMap(([name, scope]) => faultOfScope(name, scope, known) ?? []),
  ];
}

function faultOfClaim(name: string, from: string | undefined, settings: ClaimSettings): string | undefined {
  const setting = `claims.${name}`;
  if (isReservedClaim(name)) {
    return `${setting}: ${name} is the protocol's own and can never be overwritten; give the claim another name`;
  }
  if (standardClaims.includes(name)) {
    return from === undefined
      ? undefined
      : `${setting}.from: ${name} has its source; leave "from" out (only "in" can be chosen)`;
  }
  const source = claimSource(name, from);
  if (source.kind === 'attribute' && isReservedClaim(source.attribute)) {
    return `${setting}.from: ${source.attribute} is the protocol's own; take an attribute of another name`;
  }
  const isGiven = Object.values(settings.scopes).some((scope) => scope.claims.includes(name));
  return isGiven
    ? undefined
    : `${setting}: no scope gives it; write it under one, such as scopes: { profile: { claims: [${name}] } }`;
}

function faultOfScope(
  name: string,
  scope: ClaimSettings['scopes'][string],
  known: readonly string[],
): string | undefined {
  const setting = `scopes.${name}`;
  if (scope.sentence === undefined && !isStandardScope(name)) {
    return `${setting}: write the sentence that the consent page shows, such as ${name}: { sentence: "See your department", claims: [department] }`;
  }
  const unknown = scope.claims.find((claim) => !known.includes(claim));
  if (unknown === undefined) return undefined;
  if (isReservedClaim(unknown)) return `${setting}.claims: ${unknown} is the protocol's own; leave it out`;
  const nearest = nearestWord(unknown, known);
  const advice = nearest === undefined ? '' : `did you mean ${nearest}? If not, `;
  return `${setting}.claims: ${unknown} is not a claim here; ${advice}define it, such as claims: { ${unknown}: { from: attribute ${unknown} } }`;
}

function isStandardScope(name: string): boolean {
  return protocolScopes.includes(name) || Object.hasOwn(standardScopeClaims, name);
}
