/** A client that signs with its own key. RFC 7523 §2.2, §3; OpenID Connect Core §9 */
import {
  compactVerify,
  decodeJwt,
  decodeProtectedHeader,
  importJWK,
  type JWK,
  type JWTPayload,
  type ProtectedHeaderParameters,
} from 'jose';
import { sha256 } from '../../../lib/hash.ts';
import { timePrefix } from '../../../lib/ids.ts';
import { isRefusal } from '../../../lib/outcome.ts';
import { spendForeignValue } from '../../../storage/tables/one-time.ts';
import type { OAuthContext } from '../../context.ts';
import { throwRefusal } from '../../errors.ts';
import { type SigningAlgorithm, signingAlgorithms } from '../../keys/signature.ts';
import type { Client } from '../client.ts';
import { type ClientAuthenticationMethod, type Credentials, type Unproven, unproven } from './method.ts';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** Clocks differ; A044: 10 s are let pass, a minute is not. */
const SKEW_SECONDS = 30;
/** A client that asks for more keeps our memory of its jti for too long. */
const LONGEST_SECONDS = 3600;
const LONGEST_ASSERTION = 16_384;

export const privateKeyJwt: ClientAuthenticationMethod = {
  name: 'private_key_jwt',
  algorithms: signingAlgorithms,
  claimedBy({ parameters }) {
    const assertion = parameters.get('client_assertion');
    const isUsed = assertion !== undefined || parameters.get('client_assertion_type') !== undefined;
    return isUsed ? (subjectOf(assertion ?? '') ?? '') : undefined;
  },
  async verify(context, client, credentials) {
    if (credentials.parameters.get('client_assertion_type') !== ASSERTION_TYPE)
      return unproven('wrong_assertion_type');
    if (!client) return unproven('unknown_client');
    // Whoever authenticates in another way may have keys all the same; they are not fetched for this.
    if (client.metadata.token_endpoint_auth_method !== privateKeyJwt.name) return unproven('wrong_method');
    const claims = await verifySignature(context, client, credentials);
    if (typeof claims === 'string') return claims;
    return (
      checkClaims(context, client, claims) ??
      (await checkRestore(context, claims)) ??
      (await spendJti(context, client, claims))
    );
  },
};

/** Not verified: which client to look for. */
function subjectOf(assertion: string): string | undefined {
  try {
    return assertion.length > LONGEST_ASSERTION ? undefined : decodeJwt(assertion).sub;
  } catch {
    return undefined;
  }
}

async function verifySignature(
  context: OAuthContext,
  { metadata }: Client,
  { parameters }: Credentials,
): Promise<JWTPayload | string> {
  const assertion = parameters.get('client_assertion') ?? '';
  const { alg = '', kid } = headerOf(assertion);
  const wanted = metadata.token_endpoint_auth_signing_alg;
  if (!isOffered(alg) || (wanted !== undefined && wanted !== alg)) return unproven('wrong_assertion_alg');
  const keys = await context.clientKeys.of(metadata, (key) => kid === undefined || key.kid === kid);
  // Nothing was proved and nothing was guessed: it is not counted against the client.
  if (isRefusal(keys)) throwRefusal(keys);
  // A047: the key is one that is registered; what the header says of keys is never looked at.
  for (const key of keys.filter((candidate) => mayVerify(candidate, alg, kid))) {
    const claims = await tryKey(assertion, key, alg);
    if (claims) return claims;
  }
  return keys.length === 0 ? unproven('no_client_keys') : unproven('wrong_assertion_signature');
}

function headerOf(assertion: string): ProtectedHeaderParameters {
  try {
    return decodeProtectedHeader(assertion);
  } catch {
    return {};
  }
}

function isOffered(alg: string): alg is SigningAlgorithm {
  return (signingAlgorithms as readonly string[]).includes(alg);
}

const KEY_TYPES: Readonly<Record<SigningAlgorithm, string>> = {
  ES256: 'EC',
  EdDSA: 'OKP',
  RS256: 'RSA',
  PS256: 'RSA',
};

function mayVerify(key: JWK, alg: SigningAlgorithm, kid: string | undefined): boolean {
  return (
    key.kty === KEY_TYPES[alg] &&
    (kid === undefined || key.kid === undefined || key.kid === kid) &&
    (key.use === undefined || key.use === 'sig') &&
    (key.alg === undefined || key.alg === alg)
  );
}

/** The signature alone; times and the rest are checked against our own clock below. */
async function tryKey(assertion: string, key: JWK, alg: string): Promise<JWTPayload | undefined> {
  try {
    const { payload } = await compactVerify(assertion, await importJWK(key, alg), { algorithms: [alg] });
    return JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return undefined;
  }
}

/** RFC 7523 §3; the audience as DESIGN decides it: the issuer or the token endpoint, as one text. */
function checkClaims({ clock, settings }: OAuthContext, client: Client, claims: JWTPayload): Unproven {
  const nowSeconds = clock.nowMs() / 1000;
  const { iss, sub, aud, exp, iat, nbf, jti } = claims;
  if (iss !== client.client_id || sub !== client.client_id) return unproven('wrong_assertion_subject');
  if (aud !== settings.issuer && aud !== `${settings.issuer}/token`)
    return unproven('wrong_assertion_audience');
  if (typeof exp !== 'number' || exp <= nowSeconds - SKEW_SECONDS) return unproven('assertion_expired');
  if (exp > nowSeconds + LONGEST_SECONDS + SKEW_SECONDS) return unproven('assertion_too_long');
  if (Math.max(iat ?? 0, nbf ?? 0) > nowSeconds + SKEW_SECONDS) return unproven('assertion_not_yet_valid');
  return typeof jti === 'string' && jti !== '' ? undefined : unproven('assertion_without_jti');
}

/**
 * A043: a restore that could not read the database it replaced does not know which were used. Refused is what would
 * have been accepted before: made before, as far as it says, and of a length that was allowed.
 */
async function checkRestore(
  { revision }: OAuthContext,
  { exp = 0, iat = 0, nbf = 0 }: JWTPayload,
): Promise<Unproven | undefined> {
  const unknownBefore = (await revision.current()).assertionsUnknownBeforeMs / 1000 + SKEW_SECONDS;
  const isMadeSince = Math.max(iat, nbf) > unknownBefore;
  return !isMadeSince && exp <= unknownBefore + LONGEST_SECONDS
    ? unproven('assertion_before_restore')
    : undefined;
}

/** A043: each assertion once, wherever it is shown. */
async function spendJti(
  context: OAuthContext,
  { client_id }: Client,
  { jti, exp = 0 }: JWTPayload,
): Promise<Unproven> {
  const expiresAtMs = Math.ceil((exp + SKEW_SECONDS) * 1000);
  const key = timePrefix(expiresAtMs) + sha256(JSON.stringify([client_id, jti]));
  const isFirst = await context.db.write((tx) => spendForeignValue(tx, 'jti', key, expiresAtMs));
  return isFirst ? undefined : unproven('assertion_replayed');
}
