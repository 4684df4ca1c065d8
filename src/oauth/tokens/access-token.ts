/** Access tokens as JWTs. RFC 9068 */
import { sha256 } from '../../lib/hash.ts';
import { newIdentifier } from '../../lib/ids.ts';
import type { OAuthContext } from '../context.ts';
import type { Admitted } from '../gate.ts';
import { verifyJwt } from '../keys/verify-jwt.ts';
import { subjectFor } from '../subject.ts';
import type { AccessTokenClaims } from './access-token-claims.ts';
import { releaseClaims } from './released-claims.ts';

const ALGORITHM = 'ES256';
const TYPE = 'at+jwt';

/** RFC 9068 §2.2. What was signed here need not be verified here. */
export async function signAccessToken(context: OAuthContext, admitted: Admitted): Promise<string> {
  const iat = Math.floor(context.clock.nowMs() / 1000);
  const { client, grant, scope } = admitted;
  const unique = newIdentifier(context.clock, context.random);
  // The protocol's own claims come last, so that nothing overwrites them.
  const claims: AccessTokenClaims = {
    ...(grant && (await releaseClaims(context, { client, grant, scope }, 'access_token'))),
    iss: context.settings.issuer,
    // RFC 9068 §2.2: the client itself where no user takes part.
    sub: grant ? subjectFor(context, client, grant.sub) : client.client_id,
    aud: admitted.audience,
    client_id: client.client_id,
    scope: scope.join(' '),
    iat,
    exp: iat + context.settings.access_token_seconds,
    jti: grant ? `${grant.grant_id}.${unique}` : unique,
    ...(grant && { auth_time: Math.floor(grant.auth_time / 1000) }),
    ...(grant && grant.acr !== null && { acr: grant.acr }),
  };
  const token = await context.keys.sign(ALGORITHM, TYPE, { ...claims });
  context.verifiedTokens.set(sha256(token), claims);
  return token;
}

/** The grant to which a jti leads; undefined where the client acts for itself. */
export function grantOfJti(jti: string): string | undefined {
  const dot = jti.indexOf('.');
  return dot < 0 ? undefined : jti.slice(0, dot);
}

/** The claims of a token that we signed and that has not expired; undefined for anything else. */
export async function verifyAccessToken(
  context: OAuthContext,
  token: string,
): Promise<AccessTokenClaims | undefined> {
  const key = sha256(token);
  const claims = (await recall(context, token, key)) ?? (await verify(context, token));
  if (!claims || claims.exp * 1000 <= context.clock.nowMs()) return undefined;
  context.verifiedTokens.set(key, claims);
  return claims;
}

/** A token that was verified before is in force for no longer than the key that signed it. */
async function recall(
  { keys, verifiedTokens }: OAuthContext,
  token: string,
  key: string,
): Promise<AccessTokenClaims | undefined> {
  const claims = verifiedTokens.get(key);
  return claims && (await keys.isByPublishedKey(token, TYPE)) ? claims : undefined;
}

async function verify(context: OAuthContext, token: string): Promise<AccessTokenClaims | undefined> {
  const claims = await verifyJwt<AccessTokenClaims>(context.keys.findVerificationKey, token, TYPE);
  return claims?.iss === context.settings.issuer ? claims : undefined;
}
