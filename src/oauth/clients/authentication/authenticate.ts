/** Exactly one method per request proves the client. RFC 6749 §2.3, §5.2 */

import type { Refusal } from '../../../lib/outcome.ts';
import type { Reason } from '../../../lib/refusal-reason.ts';
import { authorizationOf } from '../../authorization-header.ts';
import type { BackChannelRequest } from '../../back-channel-request.ts';
import { OAuthError, type OAuthErrorCode, type OAuthErrorOptions, throwRefusal } from '../../errors.ts';
import { boundValue, longestOf, type Parameters } from '../../parameters.ts';
import { Unspent } from '../../spend-jtis.ts';
import { type Client, isSameClient } from '../client.ts';
import { readClientJwt } from '../verify-client-jwt.ts';
import { assertionShape } from './assertion-shape.ts';
import { parseBasic } from './basic-credentials.ts';
import type { ClientAuthenticationContext } from './context.ts';
import type { Guess } from './guesses.ts';
import { authenticationMethods } from './index.ts';
import type { ClientAuthenticationMethod, Credentials } from './method.ts';
import { isProven, type Proven, provenAnew, unproven, type Verdict } from './prove-client-by-comparison.ts';

const CHALLENGE = 'Basic realm="gatehouse", charset="UTF-8"';

export interface Attempt {
  readonly parameters: Parameters;
  readonly request: BackChannelRequest;
}

declare const isAuthenticated: unique symbol;

/** The client that a request proves. Made by {@link authenticate} alone. */
export interface Authenticated {
  readonly [isAuthenticated]: true;
  readonly client: Client;
  /** What was shown that is good for once; it proves a caller when it is spent (run-as-client-spending-jtis.ts). */
  readonly unspent: Unspent;
  /** How it was, which need not be the way that it registered. */
  readonly auth_method: string;
  /** The same with the client as it is now, if that is proved too. Throws OAuthError invalid_client. */
  renewed(now: Client): Promise<Authenticated>;
  /** What was shown proves nothing after all. Throws OAuthError. */
  refused(refusal: Refusal<OAuthErrorCode>): Promise<never>;
}

/** Gives the client that the request proves. Throws OAuthError invalid_client or invalid_request. */
export async function authenticate(
  context: ClientAuthenticationContext,
  attempt: Attempt,
): Promise<Authenticated> {
  const credentials = readCredentials(attempt);
  const chosen = chooseMethod(credentials);
  if (chosen instanceof OAuthError) throw await naming(context, chosen, credentials);
  const { method, client_id } = chosen;
  boundValue('client_id', client_id);
  const client = await context.clients.find(client_id);
  const verdict = judge(client, method, await method.verify(context, client, credentials));
  if (!isProven(verdict))
    return refuseClient(
      context,
      attempt,
      { client_id, isKnown: client !== undefined, ...(client && methodsOf(client, method)) },
      verdict.reason,
    );
  const unspent = new Unspent(verdict.toSpend);
  const proved = authenticatedBy(context, attempt, { method, credentials, proven: verdict, unspent });
  // Its keys may have been fetched meanwhile.
  const now = await context.clients.find(client_id);
  return now === client ? proved : proved.renewed(now ?? { ...verdict.client, disabled: true });
}

function authenticatedBy(
  context: ClientAuthenticationContext,
  attempt: Attempt,
  proof: {
    readonly method: ClientAuthenticationMethod;
    readonly credentials: Credentials;
    readonly proven: Proven;
    readonly unspent: Unspent;
  },
): Authenticated {
  const { method, credentials, proven, unspent } = proof;
  const { client } = proven;
  const refuse = (reason: Reason) =>
    refuseClient(context, attempt, { client_id: client.client_id, isKnown: true }, reason);
  const renewed = async (now: Client) => {
    const anew = provenAnew(proven, now);
    if (!isSameClient(now, client)) {
      const holds = method.holds(context, { before: client, now }, credentials);
      const verdict = judge(now, method, holds ? anew : unproven('client_changed'));
      if (!isProven(verdict)) await refuse(verdict.reason);
    }
    return authenticatedBy(context, attempt, { ...proof, proven: anew });
  };
  const refused = async (refusal: Refusal<OAuthErrorCode>) =>
    refusal.error === 'invalid_client' ? refuse(refusal.reason) : throwRefusal(refusal);
  return { client, unspent, auth_method: method.name, renewed, refused } as Authenticated;
}

/** The verdict of the method, for a client that may use it. */
function judge(client: Client | undefined, method: ClientAuthenticationMethod, verdict: Verdict): Verdict {
  if (!client) return unproven('unknown_client');
  if (!isMethodOf(client, method)) return unproven('wrong_method');
  if (!isProven(verdict)) return verdict;
  return verdict.client.disabled ? unproven('client_disabled') : verdict;
}

/**
 * RFC 6749 §2.3.1: a client with a secret may send it by Basic, and libraries use both ways with one client; the secret
 * proves the same in both.
 */
function isMethodOf({ metadata }: Client, { name, insteadOf = [] }: ClientAuthenticationMethod): boolean {
  const registered = metadata.token_endpoint_auth_method;
  return name === registered || (insteadOf.includes(registered) && metadata.strict_auth_method !== true);
}

/** Each is parsed once, however often it is asked for. */
function readCredentials({ parameters, request }: Attempt): Credentials {
  const assertion = parameters.get('client_assertion');
  return {
    parameters,
    request,
    basic: parseBasic(authorizationOf(request)),
    assertion: assertion === undefined ? undefined : readClientJwt(assertion, assertionShape),
  };
}

interface Chosen {
  readonly method: ClientAuthenticationMethod;
  readonly client_id: string;
}

/** Every known method is asked before one is chosen, so that two are always seen. */
function chooseMethod(credentials: Credentials): Chosen | OAuthError {
  if (credentials.basic === 'malformed') {
    return invalidClient('malformed_basic', 'the Authorization header is not well-formed Basic credentials');
  }
  const used = usedMethods(credentials);
  const proving = used.filter(({ method }) => !method.onlyAlone);
  if (proving.length > 1) {
    return new OAuthError(
      'invalid_request',
      'several_methods',
      'the client must authenticate in exactly one way',
    );
  }
  const chosen = proving[0] ?? used[0];
  if (!chosen) return invalidClient('no_client', 'the request has no client authentication and no client_id');
  const named = credentials.parameters.get('client_id');
  if (named === undefined || named === chosen.client_id) return chosen;
  return invalidClient('client_id_mismatch', 'client_id in the body differs from the one that authenticates');
}

function usedMethods(credentials: Credentials): readonly Chosen[] {
  const used: Chosen[] = [];
  for (const method of authenticationMethods) {
    const client_id = method.claimedBy(credentials);
    if (client_id !== undefined) used.push({ method, client_id });
  }
  return separatedByAlg(used, credentials.assertion?.header.alg);
}

/** RFC 7521 §4.2: one parameter has every assertion. What no method has as its alg is refused by the first. */
function separatedByAlg(used: readonly Chosen[], alg: string | undefined): readonly Chosen[] {
  if (used.length < 2) return used;
  const sharing = used.filter(({ method }) => method.algorithms !== undefined);
  const fitting = sharing.filter(({ method }) => method.algorithms?.some((one) => one === alg));
  const kept = fitting.length > 0 ? fitting : sharing.slice(0, 1);
  return used.filter((one) => !sharing.includes(one) || kept.includes(one));
}

/** Its developer looks for it by the client: the one that is named first, if it is registered. */
async function naming(
  { clients }: ClientAuthenticationContext,
  error: OAuthError,
  credentials: Credentials,
): Promise<OAuthError> {
  const [first] = usedMethods(credentials);
  const client_id = first?.client_id ?? credentials.parameters.get('client_id');
  const isShort = client_id !== undefined && client_id.length <= longestOf('client_id');
  if (isShort && (await clients.find(client_id))) error.about = { client_id };
  return error;
}

function invalidClient(reason: Reason, description: string, options: OAuthErrorOptions = {}): OAuthError {
  return new OAuthError('invalid_client', reason, description, { challenge: CHALLENGE, ...options });
}

/** For the audit: `none` is an app that sent no secret. */
function methodsOf(client: Client, method: ClientAuthenticationMethod): Pick<Guess, 'details'> {
  const registered = client.metadata.token_endpoint_auth_method;
  return isMethodOf(client, method) ? {} : { details: { auth_method: method.name, registered } };
}

/** Q11: only what failed is counted and has to wait; a right secret is never kept out by wrong ones. */
async function refuseClient(
  context: ClientAuthenticationContext,
  { request: { source } }: Attempt,
  claimed: Pick<Guess, 'client_id' | 'isKnown' | 'details'>,
  reason: Reason,
): Promise<never> {
  const outcome = await context.countGuess({ ...claimed, reason, source });
  const recorded = {
    isRecorded: true,
    ...(claimed.isKnown && { about: { client_id: claimed.client_id, ...claimed.details } }),
  };
  if (!outcome.allowed) {
    throw new OAuthError('invalid_client', 'too_many_guesses', 'too many failed attempts; try again later', {
      status: 429,
      retryAfterSeconds: outcome.retryAfterSeconds,
      ...recorded,
    });
  }
  // T14, A050: one sentence for an unknown client, a wrong secret, a wrong method and a disabled client.
  throw invalidClient(
    reason,
    'client authentication failed: unknown client, wrong credentials or wrong method',
    recorded,
  );
}
