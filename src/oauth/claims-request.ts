/** The claims request parameter. OpenID Connect Core §5.5 */
import { z } from 'zod';
import { type Refusal, refuse } from '../lib/outcome.ts';
import { parseJson } from '../lib/parse-untrusted-json.ts';
import { type JsonValue, jsonOf, textOf } from './parameters.ts';

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

/** The members of the parameter that claims are asked for in. */
export const claimsPlaces = ['id_token', 'userinfo'] as const satisfies readonly RequestedPlace[];

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
  const asked = claimsPlaces.flatMap((place) => {
    const sub = request[place]?.sub;
    return sub?.value === undefined ? (sub?.values ?? []) : [sub.value];
  });
  const subjects = [...new Set(asked)];
  if (subjects.length === 0) return undefined;
  const [subject] = subjects;
  if (subjects.length === 1 && typeof subject === 'string') return subject;
  return refuse('invalid_request', 'malformed_claims', 'the claims parameter may ask for one sub, as a text');
}
