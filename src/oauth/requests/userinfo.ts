/** OpenID Connect Core §5.3; RFC 6750 */
import type { RequestSource } from '../../audit/events.ts';
import { claimsOfScopes } from '../../identity/claims.ts';
import { findUser } from '../../identity/users.ts';
import type { OAuthContext } from '../context.ts';
import { OAuthError, type OAuthErrorCode } from '../errors.ts';
import { type Pair, parseParameters } from '../parameters.ts';
import { findAccess } from '../tokens/presented.ts';

export interface UserinfoRequest {
  readonly authorization: string | undefined;
  /** The form body's members. A token in the query is never read (RFC 6750 §2.3, draft-ietf-oauth-v2-1 §5.1). */
  readonly pairs: readonly Pair[];
  readonly source: RequestSource;
}

/** §5.3.2: the claims that the token's scopes allow. Throws OAuthError with its challenge. */
export async function userinfo(context: OAuthContext, request: UserinfoRequest): Promise<object> {
  const token = findBearerToken(request);
  const access = await findAccess(context, token);
  if (!access?.grant || access.claims.aud !== context.settings.issuer) {
    throw refuseUserinfo(
      context,
      request,
      'invalid_token',
      'token_not_active',
      'the access token is not valid here',
    );
  }
  const scopes = access.claims.scope.split(' ');
  if (!scopes.includes('openid')) {
    throw refuseUserinfo(
      context,
      request,
      'insufficient_scope',
      'no_openid_scope',
      'the scope openid is needed',
    );
  }
  const user = await findUser(context, access.grant.sub);
  if (!user)
    throw refuseUserinfo(
      context,
      request,
      'invalid_token',
      'unknown_user',
      'the access token is not valid here',
    );
  return { ...claimsOfScopes(user, scopes), sub: user.sub };
}

/** RFC 6750 §2: one carrier. */
function findBearerToken(request: UserinfoRequest): string {
  const header = /^bearer +(?<token>[A-Za-z0-9._~+/-]+=*) *$/i.exec(request.authorization ?? '')?.groups
    ?.token;
  const body = parseParameters(request.pairs).get('access_token');
  if (request.authorization !== undefined && body !== undefined) {
    throw challenged('invalid_request', 'two_carriers', 'the access token was sent in two ways');
  }
  const token = header ?? body;
  if (token !== undefined) return token;
  if (request.authorization !== undefined && /^bearer\b/i.test(request.authorization)) {
    throw challenged('invalid_request', 'malformed_bearer', 'the Authorization header is malformed');
  }
  // RFC 6750 §3.1: a request without a token learns no error code.
  throw new OAuthError('invalid_token', 'no_token', 'an access token is needed', {
    challenge: 'Bearer realm="gatehouse"',
  });
}

function refuseUserinfo(
  context: OAuthContext,
  request: UserinfoRequest,
  error: OAuthErrorCode,
  reason: string,
  description: string,
): OAuthError {
  context.audit.append({ type: 'userinfo.refused', reason, source: request.source });
  return challenged(error, reason, description);
}

function challenged(error: OAuthErrorCode, reason: string, description: string): OAuthError {
  const challenge = `Bearer realm="gatehouse", error="${error}", error_description="${description}"`;
  return new OAuthError(error, reason, description, { challenge });
}
