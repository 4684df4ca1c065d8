/** Clients that sign an assertion: what it is held to, whatever signs it. RFC 7521 §4.2; RFC 7523 §2.2, §3 */
import { profiles } from '../../../config/client-protocol-profiles.ts';
import { isRefusal } from '../../../lib/outcome.ts';
import { throwRefusal } from '../../errors.ts';
import type { Client } from '../client.ts';
import {
  type ClientJwtAlgorithm,
  type ClientJwtFault,
  type ClientJwtKeys,
  type ClientJwtRules,
  OF_ANY_AGE,
  SKEW_SECONDS,
  verifyClientJwt,
} from '../verify-client-jwt.ts';
import type { ClientAuthenticationContext } from './context.ts';
import type { ClientAuthenticationMethod, Credentials } from './method.ts';
import {
  provenByAssertion,
  type Unproven,
  unproven,
  type Verdict,
  type VerifiedAssertion,
} from './prove-client-by-comparison.ts';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** A client that asks for more keeps our memory of its jti for too long. */
const LONGEST_SECONDS = 3600;
/** What of the metadata an assertion is checked with. */
const PROVED_BY = ['jwks', 'jwks_uri', 'token_endpoint_auth_signing_alg'] as const;

/** RFC 7523 §3; jti is required so that an assertion is good once. */
const PRESENCE = {
  typ: 'optional',
  iss: 'required',
  aud: 'required',
  exp: 'required',
  jti: 'required',
} as const;

/** What one method of this kind says; the algorithms of two of them never overlap. */
export interface AssertionMethod extends Pick<ClientAuthenticationMethod, 'name' | 'credential'> {
  readonly algorithms: readonly ClientJwtAlgorithm[];
  /** What verifies the signature at this time, in milliseconds: {@link PUBLIC_KEYS}, or secrets that are live. */
  keysOf(client: Client, nowMs: number): ClientJwtKeys;
}

/** The row of the table for a method whose client signs. */
export function assertionMethod(method: AssertionMethod): ClientAuthenticationMethod {
  const { name, credential, algorithms } = method;
  return {
    name,
    credential,
    algorithms,
    claimedBy,
    async verify(context, client, credentials) {
      if (credentials.parameters.get('client_assertion_type') !== ASSERTION_TYPE)
        return unproven('wrong_assertion_type');
      if (!client) return unproven('unknown_client');
      // A client that authenticates by another method may have keys too; they are not fetched for this.
      if (client.metadata.token_endpoint_auth_method !== name) return unproven('wrong_method');
      return verifyAssertion(context, method, client, credentials);
    },
    holds({ clock }, { before, now }) {
      const nowMs = clock.nowMs();
      return provedBy(method, before, nowMs) === provedBy(method, now, nowMs);
    },
  };
}

/** Whatever alg it has: the table separates the methods that share the parameter (authenticate.ts). */
function claimedBy({ parameters, assertion }: Credentials): string | undefined {
  const members = ['client_assertion', 'client_assertion_type'];
  if (members.every((member) => parameters.get(member) === undefined)) return undefined;
  // Which client to look for. RFC 7521 §4.2: client_id may say so too.
  return assertion?.claims.sub ?? parameters.get('client_id') ?? '';
}

function provedBy({ keysOf }: AssertionMethod, client: Client, nowMs: number): string {
  return JSON.stringify([keysOf(client, nowMs), ...PROVED_BY.map((member) => client.metadata[member])]);
}

async function verifyAssertion(
  context: ClientAuthenticationContext,
  method: AssertionMethod,
  client: Client,
  { assertion: jwt, request: { endpoint } }: Credentials,
): Promise<Verdict> {
  if (!jwt) return unproven('malformed_assertion');
  if (jwt.claims.sub !== client.client_id) return unproven('wrong_assertion_subject');
  const signer = { client, keys: method.keysOf(client, context.clock.nowMs()) };
  const verified = await verifyClientJwt(context, signer, jwt, rulesFor(context, method, client, endpoint));
  // Nothing was proved and nothing was guessed: it is not counted against the client.
  if (isRefusal(verified)) throwRefusal(verified);
  if (typeof verified === 'string') return faults[verified];
  if (await isUnknownSinceRestore(context, verified.claims)) return unproven('assertion_before_restore');
  return provenByAssertion(verified);
}

/** RFC 7523 §3: what names this server. Libraries take the issuer, the token endpoint, or what they call. */
function rulesFor(
  { settings }: ClientAuthenticationContext,
  { algorithms }: AssertionMethod,
  { metadata, profile }: Client,
  endpoint: string,
): ClientJwtRules<typeof PRESENCE> {
  const { issuer } = settings;
  const isStrict = profiles[profile].assertionAudience === 'issuer';
  return {
    types: ['jwt', 'client-authentication+jwt'],
    presence: PRESENCE,
    algorithms,
    alg: metadata.token_endpoint_auth_signing_alg,
    audiences: isStrict ? [issuer] : [issuer, `${issuer}/token`, `${issuer}${endpoint}`],
    audienceForm: isStrict ? 'text' : 'text or list of one',
    longestSeconds: LONGEST_SECONDS,
    oldestSeconds: OF_ANY_AGE,
  };
}

const faults: Readonly<Record<ClientJwtFault, Unproven>> = {
  without_jti: unproven('assertion_without_jti'),
  wrong_typ: unproven('wrong_assertion_header_type'),
  wrong_alg: unproven('wrong_assertion_alg'),
  wrong_issuer: unproven('wrong_assertion_subject'),
  wrong_audience: unproven('wrong_assertion_audience'),
  expired: unproven('assertion_expired'),
  too_long: unproven('assertion_too_long'),
  not_yet_valid: unproven('assertion_not_yet_valid'),
  no_keys: unproven('no_client_keys'),
  unusable_key: unproven('unusable_client_key'),
  too_many_keys: unproven('too_many_client_keys'),
  wrong_signature: unproven('wrong_assertion_signature'),
};

/**
 * A043: a restore that could not read the database it replaced does not know which assertions were used. So it refuses those
 * that would have been accepted before: issued before it, by their own iat, and with an allowed lifetime.
 */
async function isUnknownSinceRestore(
  { revision }: ClientAuthenticationContext,
  { exp, iat = 0, nbf = 0 }: VerifiedAssertion['claims'],
): Promise<boolean> {
  const unknownBefore = (await revision.current()).assertionsUnknownBeforeMs / 1000 + SKEW_SECONDS;
  const isMadeSince = Math.max(iat, nbf) > unknownBefore;
  return !isMadeSince && exp <= unknownBefore + LONGEST_SECONDS;
}
