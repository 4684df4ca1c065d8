/** Which claims there are, where each comes from, and which scope puts it where: the standard ones and the operator's. */
import { z } from 'zod';
import { parseJson } from '../lib/json-text.ts';
import { nearestWord } from '../lib/nearest.ts';
import { isReservedClaim, protocolScopes, standardClaims, standardScopeClaims } from './claim-names.ts';

export const claimPlaces = ['id_token', 'userinfo', 'access_token'] as const;
export type ClaimPlace = (typeof claimPlaces)[number];

export type ClaimSource =
  | { readonly kind: 'groups' | 'roles' }
  /** A standard claim of the person, or an attribute of the operator's own stored beside them. */
  | { readonly kind: 'attribute'; readonly attribute: string };

export interface ClaimDefinition {
  readonly name: string;
  readonly source: ClaimSource;
  readonly places: readonly ClaimPlace[];
  /** Whether the operator said where. */
  readonly isPlaced: boolean;
}

export interface ClaimCatalogue {
  /** By the claim's name. */
  readonly claims: ReadonlyMap<string, ClaimDefinition>;
  /** The claims that a scope is about. */
  readonly ofScope: ReadonlyMap<string, readonly string[]>;
  /** Of those, the ones that the scope puts in a place by itself. */
  readonly inPlace: Readonly<Record<ClaimPlace, ReadonlyMap<string, readonly ClaimDefinition[]>>>;
  /** Attributes of the operator's own, which may be stored of a person. */
  readonly attributes: readonly string[];
}

const SCOPE_NAME = /^[\x21\x23-\x5B\x5D-\x7E]+$/;
const CLAIM_NAME = /^[\x21-\x7E]{1,256}$/;
const FROM = /^(?:(?<kind>groups|roles)|attribute (?<attribute>[\x21-\x7E]{1,256}))$/;

const ownScope = z.preprocess(
  (value) => (typeof value === 'string' ? { sentence: value } : value),
  z.strictObject({
    sentence: z.string().min(1).optional(),
    claims: z.array(z.string()).default([]),
    self_registration: z.boolean().default(false),
  }),
);

const ownClaim = z.preprocess(
  (value) => value ?? {},
  z.strictObject({
    from: z
      .string()
      .regex(FROM, 'write groups, roles, or an attribute of the user, such as "attribute department"')
      .optional(),
    in: z.array(z.enum(claimPlaces)).min(1).optional(),
  }),
);

/** JSON in the environment, where YAML cannot be written. */
const fromText = (value: unknown) => (typeof value === 'string' ? readText(value) : value);

export const scopesSetting = z.preprocess(
  fromText,
  z.record(z.string().regex(SCOPE_NAME), ownScope, {
    error: ofName('is no name of a scope: those have neither spaces nor " nor \\ (RFC 6749 §3.3)'),
  }),
);
export const claimsSetting = z.preprocess(
  fromText,
  z.record(z.string().regex(CLAIM_NAME), ownClaim, {
    error: ofName('is no name of a claim here: those are 1 to 256 letters, digits and signs, without spaces'),
  }),
);

function ofName(sentence: string) {
  return ({ code }: z.core.$ZodRawIssue) => (code === 'invalid_key' ? sentence : undefined);
}

export interface ClaimSettings {
  readonly scopes: z.output<typeof scopesSetting>;
  readonly claims: z.output<typeof claimsSetting>;
}

function readText(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

/** The catalogue of settings in which {@link findClaimFaults} finds nothing. */
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
  const source = sourceOf(name, written?.from);
  // OpenID Connect Core §5.4: at userinfo. Apps read groups and roles in either, so they are in both.
  const preset: readonly ClaimPlace[] = source.kind === 'attribute' ? ['userinfo'] : ['id_token', 'userinfo'];
  return { name, source, places: written?.in ?? preset, isPlaced: written?.in !== undefined };
}

function sourceOf(name: string, from: string | undefined): ClaimSource {
  const match = FROM.exec(
    from ?? (name === 'groups' || name === 'roles' ? name : `attribute ${name}`),
  )?.groups;
  if (match?.kind === 'groups' || match?.kind === 'roles') return { kind: match.kind };
  return { kind: 'attribute', attribute: match?.attribute ?? name };
}

function ownAttributes(claims: ReadonlyMap<string, ClaimDefinition>): string[] {
  const attributes = [...claims.values()].flatMap(({ source }) =>
    source.kind === 'attribute' && !standardClaims.includes(source.attribute) ? [source.attribute] : [],
  );
  return [...new Set(attributes)];
}

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
  const source = sourceOf(name, from);
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
