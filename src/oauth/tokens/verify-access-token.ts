/** Verifies an access token as a JWT. RFC 9068 §4 */

import { sha256 } from '../../lib/sha256-and-hmac.ts';
import { isAheadOfClock } from '../../lib/tolerate-clock-set-back.ts';
import { accessTokenTypes } from '../access-token-type-and-algorithm.ts';
import { verifyJwt } from '../keys/verify-own-jwt.ts';
import { type AccessTokenClaims, accessTokenClaims } from './access-token-claims-schema.ts';
import type { TokenVerifyingContext } from './context.ts';

/** The claims of a token that we signed and that is good now; undefined for anything else. */
export async function verifyAccessToken(
  context: TokenVerifyingContext,
  token: string,
): Promise<AccessTokenClaims | undefined> {
  const claims = await verifyWhenever(context, token);
  const nowMs = context.clock.nowMs();
  // One from a clock that was ahead would be good for as long as that.
  return claims && claims.exp * 1000 > nowMs && !isAheadOfClock(claims.iat * 1000, nowMs)
    ? claims
    : undefined;
}

/** The result does not depend on the time: a clock that is or was ahead does not decide when a token is valid. */
export async function verifyWhenever(
  context: TokenVerifyingContext,
  token: string,
): Promise<AccessTokenClaims | undefined> {
  const { revision } = await context.revision.current();
  const key = sha256(token);
  const known = context.verifiedTokens.get(key);
  const claims =
    known && (known.revision === revision || (await isByPublishedKey(context, token)))
      ? known.claims
      : await verify(context, token);
  // What is over is not remembered in the place of what is good.
  if (claims && claims.exp * 1000 > context.clock.nowMs() && known?.revision !== revision)
    context.verifiedTokens.set(key, { claims, revision, characters: token.length });
  return claims;
}

async function isByPublishedKey(
  { keys }: Pick<TokenVerifyingContext, 'keys'>,
  token: string,
): Promise<boolean> {
  for (const type of accessTokenTypes) if (await keys.isByPublishedKey(token, type)) return true;
  return false;
}

/**
 * RFC 8725 §3.12, RFC 9068 §5: where the type JWT does not tell it from an ID token, its members do (the schema) and its
 * audience does, which for an ID token is a client.
 */
async function verify(context: TokenVerifyingContext, token: string): Promise<AccessTokenClaims | undefined> {
  const claims = await verifyJwt(
    context.keys.findVerificationKey,
    token,
    accessTokenTypes,
    accessTokenClaims,
  );
  const { issuer } = context.settings;
  if (claims?.iss !== issuer) return undefined;
  const isForClient = claims.aud !== issuer && (await context.clients.find(claims.aud)) !== undefined;
  return isForClient ? undefined : claims;
}
