/** The claims request parameter. OpenID Connect Core §5.5 */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { standardClaims } from '../config/claim-names.ts';
import type { ClaimCatalogue, ClaimDefinition } from '../identity/claims/catalogue.ts';
import { parseJson } from '../lib/json-text.ts';
import { type Refusal, refuse } from '../lib/outcome.ts';
import type { Client } from './clients/client.ts';
import { type JsonValue, jsonOf, textOf } from './parameters.ts';
import { parseScope } from './scope.ts';

/** Far more than there are claims; each that is of a wrong type would cost an error of its own. */
const MOST = 100;

/** Names with values; how many is asked before anything looks at one. */
function namesOf<Value extends z.ZodType>(value: Value) {
  return z
    .custom<Record<string, unknown>>(hasFewNames, { error: `must be an object of at most ${MOST} names` })
    .pipe(z.record(z.string(), value));
}

function hasFewNames(given: unknown): boolean {
  return (
    typeof given === 'object' && given !== null && !Array.isArray(given) && Object.keys(given).length <= MOST
  );
}

/** What a claim can be compared with; nothing that is deeper than an address. */
const scalar = z.union([z.string(), z.number(), z.boolean()]);
const value = z.union([scalar, z.array(scalar).max(MOST), namesOf(scalar)]);

/** §5.5.1; members that are not known are ignored. */
const wishSchema = z
  .object({
    essential: z.boolean().optional(),
    value: value.optional(),
    values: z.array(value).min(1).max(MOST).optional(),
  })
  .nullable();

const requestSchema = z.object({
  id_token: namesOf(wishSchema).optional(),
  userinfo: namesOf(wishSchema).optional(),
});

export type IndividualClaimRequest = z.output<typeof wishSchema>;
export type ClaimsRequest = z.output<typeof requestSchema>;
export type RequestedPlace = keyof ClaimsRequest;

const PLACES = ['id_token', 'userinfo'] as const satisfies readonly RequestedPlace[];

/** The claims parameter: read once, and kept as it was sent for who stores the request. */
export interface SentClaims {
  readonly text: string;
  readonly request: ClaimsRequest;
}

/** Z28: what was asked, or invalid_request. */
export function checkClaimsRequest(value: string | JsonValue): SentClaims | Refusal<'invalid_request'> {
  const sent = readSent(value);
  if (sent === undefined) return malformed('claims is no JSON');
  const outcome = requestSchema.safeParse(sent);
  if (outcome.success) return { text: textOf(value), request: outcome.data };
  const [issue] = outcome.error.issues;
  const member = issue?.path.map(String).join('.') || 'claims';
  return malformed(`${member} in the claims parameter: ${issue?.message}`);
}

/** In words, as error_description has no quotes to write JSON with (RFC 6749 §5.2). */
function malformed(fault: string): Refusal<'invalid_request'> {
  const form =
    'a JSON object whose members userinfo and id_token are objects, with null or an object for each name of a claim';
  return refuse('invalid_request', 'malformed_claims', `${fault}; it is ${form} (OpenID Connect Core §5.5)`);
}

/** What passed {@link checkClaimsRequest} and was stored. */
export function readStoredClaims(text: string): SentClaims {
  return { text, request: requestSchema.parse(parseJson(text)) };
}

function readSent(value: string | JsonValue): unknown {
  try {
    return jsonOf(value);
  } catch {
    return undefined;
  }
}

/** The sub that was asked for, in either place; several are more than one answer can hold. */
export function askedSubject(request: ClaimsRequest): string | undefined | Refusal<'invalid_request'> {
  const asked = PLACES.flatMap((place) => {
    const wish = request[place]?.sub;
    return wish?.value === undefined ? (wish?.values ?? []) : [wish.value];
  });
  const subjects = [...new Set(asked)];
  if (subjects.length === 0) return undefined;
  const [subject] = subjects;
  if (subjects.length === 1 && typeof subject === 'string') return subject;
  return refuse('invalid_request', 'malformed_claims', 'the claims parameter may ask for one sub, as a text');
}

/** The claims that the client may ask for one by one: those of the scopes that it is registered for. */
function allowedClaims(catalogue: ClaimCatalogue, scope: string): ReadonlySet<string> {
  return new Set((parseScope(scope) ?? []).flatMap((one) => catalogue.ofScope.get(one) ?? []));
}

/** The claims that the person must allow beside the scopes; undefined where there are none. */
export function claimsBeyondScope(
  catalogue: ClaimCatalogue,
  client: Client,
  scope: string,
  request: ClaimsRequest,
): readonly string[] | undefined {
  const allowed = allowedClaims(catalogue, client.metadata.scope);
  const covered = allowedClaims(catalogue, scope);
  const names = PLACES.flatMap((place) => Object.keys(request[place] ?? {}));
  const beyond = [...new Set(names)].filter((name) => allowed.has(name) && !covered.has(name));
  return beyond.length === 0 ? undefined : beyond;
}

/** The claims that were allowed by the scopes or one by one. */
export function consentedClaims(
  catalogue: ClaimCatalogue,
  consent: { readonly scope: string; readonly claims: string | null },
): readonly string[] {
  const single: string[] = consent.claims === null ? [] : JSON.parse(consent.claims);
  return [...allowedClaims(catalogue, consent.scope), ...single];
}

/** A claim as a page names it: a standard one has words in each language. */
export interface ShownClaim {
  readonly claim: string;
  readonly isStandard: boolean;
}

/**
 * Describes a claim for the consent page and the list of apps. The standard claims are those of OpenID Connect Core
 * §5.1.
 */
export function showClaim(claim: string): ShownClaim {
  return { claim, isStandard: standardClaims.includes(claim) };
}

/** What a grant keeps of the request: the claims that there are and that the client may have; null where none. */
export function claimsOfGrant(
  catalogue: ClaimCatalogue,
  client: Client,
  request: ClaimsRequest | undefined,
): string | null {
  if (request === undefined) return null;
  const allowed = allowedClaims(catalogue, client.metadata.scope);
  const places = PLACES.flatMap((place) => {
    const kept = Object.entries(request[place] ?? {}).filter(([name]) => allowed.has(name));
    const wishes = kept.map(([name, wish]) => [name, valuesOf(wish)] as const);
    return wishes.length === 0 ? [] : [[place, Object.fromEntries(wishes)] as const];
  });
  return places.length === 0 ? null : JSON.stringify(Object.fromEntries(places));
}

/** Whether it was essential does not matter to the answer (§5.5.1). */
function valuesOf(wish: IndividualClaimRequest): IndividualClaimRequest {
  if (wish === null || (wish.value === undefined && wish.values === undefined)) return null;
  return { value: wish.value, values: wish.values };
}

/** A claim that the grant releases in one place, with the values that were asked for. */
export interface AskedClaim {
  readonly definition: ClaimDefinition;
  readonly wish: IndividualClaimRequest;
}

/** What {@link claimsOfGrant} kept for this place, as far as the client may still have it. */
export function askedClaims(
  catalogue: ClaimCatalogue,
  client: Client,
  grantClaims: string | null,
  place: RequestedPlace,
): readonly AskedClaim[] {
  if (grantClaims === null) return [];
  const kept: ClaimsRequest = JSON.parse(grantClaims);
  const allowed = allowedClaims(catalogue, client.metadata.scope);
  return Object.entries(kept[place] ?? {}).flatMap(([name, wish]) => {
    const definition = catalogue.claims.get(name);
    return definition && allowed.has(name) ? [{ definition, wish }] : [];
  });
}

/** §5.5.1 value, values: a claim of another value is left out, never an error. */
export function satisfiesRequest(wish: IndividualClaimRequest, value: unknown): boolean {
  if (wish === null) return true;
  const wished = [...(wish.value === undefined ? [] : [wish.value]), ...(wish.values ?? [])];
  return wished.length === 0 || wished.some((one) => isDeepStrictEqual(one, value));
}
