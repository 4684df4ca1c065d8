/** Request parameters: RFC 6749 §3.1 and §3.2, empty values and repetitions, and how long they may be. */

import { type Checked, PASSED, type Refusal, refuse } from '../lib/outcome.ts';
import { parseJson } from '../lib/parse-untrusted-json.ts';
import { OAuthError } from './errors.ts';

export type Pair = readonly [name: string, value: string];

/** A value that came as JSON, as in a request object (RFC 9101 §4), rather than as text in a query or a form. */
export interface JsonValue {
  readonly json: unknown;
}

export type SentPair = readonly [name: string, value: string | JsonValue];

/** The parameters of a request, wherever it came from. */
export interface Parameters {
  /** The value as text; undefined where it is absent or empty, and where it was repeated (G4). */
  get(name: string): string | undefined;
  /** Every value that is not empty, as text. */
  all(name: string): readonly string[];
  /** The value of {@link get} as it was sent. */
  sent(name: string): string | JsonValue | undefined;
  /** The names that were sent more than once and must not be, in the order in which they came again. */
  readonly repeated: readonly string[];
  /** Of all values together. */
  readonly characters: number;
}

/** RFC 8707 §2; audience is its other name (RFC 8693 §2.1 repeats it too). */
const REPEATABLE = new Set(['resource', 'audience']);

const CLIENT_ID = 512;
const URI = 4096;
const NAME = 256;
const LANGUAGES = 1024;
const TOKEN = 32_768;

/** In characters (UTF-16 code units): far more than honest ones need, and an end to the rest. */
const LONGEST: ReadonlyMap<string, number> = new Map(
  Object.entries({
    // The authorization request: RFC 6749 §4.1.1, RFC 7636, RFC 8707, OpenID Connect Core §3.1.2.1
    response_type: NAME,
    response_mode: NAME,
    client_id: CLIENT_ID,
    redirect_uri: URI,
    scope: 4096,
    state: 4096,
    nonce: 1024,
    code_challenge: NAME,
    code_challenge_method: NAME,
    resource: 2048,
    // As Auth0, Hydra and their libraries call a resource.
    audience: 2048,
    prompt: NAME,
    display: NAME,
    max_age: NAME,
    ui_locales: LANGUAGES,
    claims_locales: LANGUAGES,
    id_token_hint: TOKEN,
    login_hint: 2048,
    acr_values: 4096,
    claims: 16_384,
    request: TOKEN,
    request_uri: URI,
    registration: 16_384,
    // The token request and its neighbours: RFC 6749 §4.1.3, §6, RFC 7009, RFC 7521 §4.2, RFC 7662
    grant_type: NAME,
    code: 1024,
    code_verifier: NAME,
    refresh_token: 4096,
    client_secret: 1024,
    client_assertion: TOKEN,
    client_assertion_type: NAME,
    token: TOKEN,
    token_type_hint: NAME,
    access_token: TOKEN,
    // OpenID Connect RP-Initiated Logout §2
    post_logout_redirect_uri: URI,
    logout_hint: 2048,
    // The fields of our own pages.
    interaction: NAME,
    csrf: NAME,
    user: NAME,
    username: 1024,
    password: 4096,
    current_password: 4096,
    new_password: 4096,
    new_password_again: 4096,
    // A page's own address, with its query.
    back: 16_384,
  }),
);

/** What no row names. */
const LONGEST_OTHER = 1024;

/** Settles empties and repetitions. Refuses nothing: {@link checkRepeated} does. */
export function readParameters(pairs: readonly SentPair[]): Parameters {
  const sent = new Map<string, (string | JsonValue)[]>();
  const repeated: string[] = [];
  let characters = 0;
  for (const [name, value] of pairs) {
    const known = sent.get(name);
    if (known && !REPEATABLE.has(name)) repeated.push(name);
    if (known) known.push(value);
    else sent.set(name, [value]);
    characters += textOf(value).length;
  }
  const valuesOf = (name: string) => (sent.get(name) ?? []).filter((value) => value !== '');
  const sentAs = (name: string) => (repeated.includes(name) ? undefined : valuesOf(name)[0]);
  return {
    get(name) {
      const value = sentAs(name);
      return value === undefined ? undefined : textOf(value);
    },
    all: (name) => valuesOf(name).map(textOf),
    sent: sentAs,
    repeated,
    characters,
  };
}

/** A number is written as its digits, so that max_age is the same in a query and in a request object. */
export function textOf(value: string | JsonValue): string {
  if (typeof value === 'string') return value;
  return typeof value.json === 'string' ? value.json : JSON.stringify(value.json);
}

/** Of a parameter that is JSON by its own definition. Throws JsonError where it is text that is none. */
export function jsonOf(value: string | JsonValue): unknown {
  return typeof value === 'string' ? parseJson(value) : value.json;
}

/** RFC 6749 §3.1, §3.2: parameters must not be sent more than once. */
export function checkRepeated({ repeated }: Parameters): Checked<Refusal<'invalid_request'>> {
  const [name] = repeated;
  if (name === undefined) return PASSED;
  const shown = name.replace(/[^A-Za-z0-9_.-]/g, '?').slice(0, 40);
  return refuse('invalid_request', 'repeated_parameter', `the parameter ${shown} was sent more than once`);
}

/** The parameters of a request whose every error is an answer. Throws OAuthError invalid_request for a repeated one. */
export function parseParameters(pairs: readonly Pair[]): Parameters {
  const parameters = readParameters(pairs);
  const checked = checkRepeated(parameters);
  if (checked === PASSED) return parameters;
  throw new OAuthError(checked.error, checked.reason, checked.description);
}

/**
 * Throws OAuthError invalid_request where a value is longer than its parameter may be; asked before anything else looks
 * at it. One that nobody here knows is as good as not sent (RFC 6749 §3.1: unrecognised parameters are ignored).
 */
export function boundValue(name: string, value: string): string {
  const longest = longestOf(name);
  if (value.length <= longest) return value;
  if (!LONGEST.has(name)) return '';
  const description = `${name} has ${value.length} characters; ${longest} are the most that it may have`;
  throw new OAuthError('invalid_request', 'parameter_too_long', description);
}

/** Every parameter that has a bound of its own, for docs. */
export function describeParameters(): { name: string; longest: number; isRepeatable: boolean }[] {
  return [...LONGEST].map(([name, longest]) => ({ name, longest, isRepeatable: REPEATABLE.has(name) }));
}

/** How long the parameter's value may be. */
export function longestOf(name: string): number {
  return LONGEST.get(name) ?? LONGEST_OTHER;
}
