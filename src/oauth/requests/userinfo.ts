/** OpenID Connect Core §5.3; RFC 6750 */
import type { ClaimsSource } from '../../identity/claims/user-claim-values.ts';
import type { IdentityContext } from '../../identity/context.ts';
import { isRefusal } from '../../lib/outcome.ts';
import type { Reason } from '../../lib/refusal-reason.ts';
import type { TokenStandingRow } from '../../storage/tables/grant-standing.ts';
import { authorizationOf, tokenOf } from '../authorization-header.ts';
import type { BackChannelRequest } from '../back-channel-request.ts';
import { provePossession } from '../bindings/prove-access-token-possession.ts';
import { tokenTypes } from '../bindings/token-types.ts';
import type { Client } from '../clients/client.ts';
import type { ClientJwtContext } from '../clients/context.ts';
import { type AnswerEncryption, IN_CLEAR, resolveEncryption } from '../clients/working-encryption-key.ts';
import type { Confirmation } from '../confirmation-claim.ts';
import type { OAuthContext } from '../context.ts';
import { OAuthError, type OAuthErrorCode, throwRefusal } from '../errors.ts';
import { encryptJwt } from '../keys/encrypt-jwt.ts';
import { parseParameters } from '../parameters.ts';
import { subjectFor } from '../sub-and-sid-for-client.ts';
import { BEARER, tokenChallenge } from '../token-challenge.ts';
import type { TokenVerifyingContext } from '../tokens/context.ts';
import { findAccess } from '../tokens/presented-token.ts';
import { releaseClaims } from '../tokens/released-claims.ts';
import { type Answer, answerTo } from './answer-to-proven-caller.ts';
import { type Known, recordRefusals } from './audit-refusals.ts';
import type { UserinfoContext } from './context.ts';

/**
 * §5.3.2: the claims that the token's scopes allow and those that were asked for one by one; a text is a JWT, as the
 * client is registered. Throws OAuthError with its challenge.
 */
export async function userinfo(
  context: UserinfoContext,
  request: BackChannelRequest,
): Promise<Answer<object | string>> {
  const { source } = request;
  const isTokenInQuery = request.query().some(([name]) => name === 'access_token');
  return recordRefusals(context, { type: 'userinfo.refused', source }, async (known) => {
    const { token, scheme } = findToken(request, isTokenInQuery);
    const accepted = await acceptToken(context, token, known);
    const { client, confirmation } = accepted;
    const caller = await provePossession(context, { request, token, scheme, client, confirmation });
    return answerTo(caller, await describe(context, token, accepted, known));
  });
}

async function describe(
  context: UserinfoContext,
  token: string,
  accepted: AcceptedToken,
  known: Known,
): Promise<object | string> {
  const { client } = accepted;
  const encryption = await findEncryption(context, client);
  // Its key may have been fetched: the claims are those of the grant as it is now.
  const { grant, scope } = encryption === IN_CLEAR ? accepted : await acceptToken(context, token, known);
  const released = await releaseClaims(context, { client, grant, scope }, 'userinfo', personOf(grant));
  const claims = { ...released, sub: subjectFor(context, client, grant.sub) };
  return inRegisteredForm(context, client, encryption, claims);
}

interface AcceptedToken {
  readonly client: Client;
  readonly grant: TokenStandingRow;
  readonly scope: readonly string[];
  readonly confirmation: Confirmation | undefined;
}

/** Throws OAuthError with its challenge. */
async function acceptToken(
  context: TokenVerifyingContext & Pick<IdentityContext, 'db'>,
  token: string,
  known: Known,
): Promise<AcceptedToken> {
  const access = await findAccess(context, token);
  if (!access?.grant) {
    throw challenged('invalid_token', 'token_not_active', 'the access token is not valid here');
  }
  const { client, grant, claims } = access;
  known.client_id = client.client_id;
  if (claims.aud !== context.settings.issuer) {
    throw challenged(
      'invalid_token',
      'token_for_resource',
      'the access token is for a resource; a token request that names none gives one for userinfo',
    );
  }
  const scope = (claims.scope ?? '').split(' ');
  if (!scope.includes('openid')) {
    throw challenged('insufficient_scope', 'no_openid_scope', 'the scope openid is needed');
  }
  return { client, grant, scope, confirmation: claims.cnf };
}

async function findEncryption(
  context: ClientJwtContext,
  client: Client,
): Promise<AnswerEncryption | typeof IN_CLEAR> {
  const encryption = await resolveEncryption(context, client, 'userinfo');
  if (isRefusal(encryption)) throwRefusal(encryption);
  return encryption;
}

/** The user, who was read with the token's grant. */
function personOf({ username, email, user_claims, user_updated_at }: TokenStandingRow): ClaimsSource {
  return {
    username,
    email: email ?? undefined,
    claims: JSON.parse(user_claims),
    updatedAtMs: user_updated_at,
  };
}

/** W5: signed, encrypted, or signed and then encrypted. */
async function inRegisteredForm(
  context: Pick<OAuthContext, 'clock' | 'keys' | 'settings'>,
  client: Client,
  encryption: AnswerEncryption | typeof IN_CLEAR,
  claims: Record<string, unknown>,
): Promise<object | string> {
  const alg = client.metadata.userinfo_signed_response_alg;
  if (alg === undefined && encryption === IN_CLEAR) return claims;
  const iat = Math.floor(context.clock.nowMs() / 1000);
  const payload = { ...claims, iss: context.settings.issuer, aud: client.client_id, iat };
  // Without a typ, as an ID token has one: neither is ever taken for the other (RFC 8725 §3.11).
  const signed = alg && (await context.keys.sign(alg, undefined, payload));
  const text = signed ?? JSON.stringify(payload);
  if (encryption === IN_CLEAR) return text;
  return encryptJwt(text, encryption.key, encryption, signed === undefined ? undefined : 'JWT');
}

/** RFC 6750 §2: one carrier. A token in the query is never read (§2.3, draft-ietf-oauth-v2-1 §5.1). */
function findToken(request: BackChannelRequest, isTokenInQuery: boolean): { token: string; scheme: string } {
  const authorization = authorizationOf(request);
  const header = tokenOf(authorization, tokenTypes());
  const body = parseParameters(request.pairs).get('access_token');
  if (authorization !== undefined && body !== undefined) {
    throw challenged('invalid_request', 'two_carriers', 'the access token was sent in two ways');
  }
  if (header === 'malformed') {
    throw challenged('invalid_request', 'malformed_bearer', 'the Authorization header is malformed');
  }
  const token = header?.token ?? body;
  // RFC 9449 §7.1: in the body it is a bearer token.
  const scheme = header && authorization ? authorization.scheme : BEARER.toLowerCase();
  if (token !== undefined) return { token, scheme };
  // RFC 6750 §3.1: a request without a token learns no error code.
  const description = isTokenInQuery
    ? 'an access token in the query is not taken, since logs keep it; send it as Authorization: Bearer'
    : 'an access token is needed';
  throw new OAuthError('invalid_token', 'no_token', description, { challenge: tokenChallenge() });
}

function challenged(error: OAuthErrorCode, reason: Reason, description: string): OAuthError {
  return new OAuthError(error, reason, description, { challenge: tokenChallenge({ error, description }) });
}
