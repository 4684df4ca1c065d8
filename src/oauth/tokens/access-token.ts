/** Access tokens as JWTs. RFC 9068 */

import { isAheadOfClock } from '../../lib/clock-comparison.ts';
import { sha256 } from '../../lib/hash.ts';
import { newIdentifier } from '../../lib/ids.ts';
import type { InstallationState } from '../../storage/installation-state.ts';
import type { Client } from '../clients/client.ts';
import type { Admitted } from '../gate.ts';
import type { SigningKeys } from '../keys/key-set.ts';
import { verifyJwt } from '../keys/verify-jwt.ts';
import { subjectFor } from '../pairwise-subject.ts';
import { accessTokenTypes } from '../resource.ts';
import { type AccessTokenClaims, accessTokenClaims } from './access-token-claims-schema.ts';
import type { TokenMakingContext, TokenVerifyingContext } from './context.ts';

import { releaseClaims } from './released-claims.ts';

/** RFC 9068 §2.2. What was signed here need not be verified here. */
export async function signAccessToken(
  context: TokenMakingContext,
  admitted: Admitted,
  keys: SigningKeys,
): Promise<string> {
  const iat = Math.floor(context.clock.nowMs() / 1000);
  const { client, grant } = admitted;
  const { scope } = admitted.access;
  const unique = newIdentifier(context.clock, context.random);
  const restore = restoreMark(await context.revision.current());
  // The protocol's own claims come last, so that nothing overwrites them.
  const claims: AccessTokenClaims = {
    ...(grant && (await releaseClaims(context, { client, grant, scope }, 'access_token'))),
    iss: context.settings.issuer,
    // RFC 9068 §2.2: the client itself where no user takes part.
    sub: grant ? subjectFor(context, client, grant.sub) : client.client_id,
    aud: admitted.audience,
    client_id: client.client_id,
    ...(scope.length > 0 && { scope: scope.join(' ') }),
    iat,
    exp: iat + context.settings.access_token_seconds,
    jti: grant ? `${grant.grant_id}.${unique}` : `${unique}@${restore}~${incarnationOf(client)}`,
    ...(grant && { auth_time: Math.floor(grant.auth_time / 1000) }),
    ...(grant && grant.acr !== null && { acr: grant.acr }),
    ...(admitted.confirmation && { cnf: admitted.confirmation }),
  };
  const key = keys.signing(admitted.accessTokenAlg);
  const token = await key.sign(admitted.accessTokenType, { ...claims });
  context.verifiedTokens.set(sha256(token), { claims, revision: undefined, characters: token.length });
  return token;
}

/** The grant to which a jti leads; undefined where the client acts for itself. */
export function grantOfJti(jti: string): string | undefined {
  const dot = jti.indexOf('.');
  return dot < 0 ? undefined : jti.slice(0, dot);
}

/**
 * Whether a token without a grant was issued to the client as it is: neither before it was disabled, nor to another of
 * its client_id that was deleted. Tokens from before there were epochs name none.
 */
export function isOfClientNow({ jti }: AccessTokenClaims, client: Client): boolean {
  const mark = jti.indexOf('~');
  return mark < 0 || jti.slice(mark + 1) === incarnationOf(client);
}

/**
 * Whether a token without a grant was issued since the last restore: what was revoked before is not known. Which restore
 * that was is compared, as the clock may have been set between; tokens of versions before name none, but a time.
 */
export async function isSinceRestore(
  { revision }: Pick<TokenVerifyingContext, 'revision'>,
  { jti, iat }: AccessTokenClaims,
): Promise<boolean> {
  const state = await revision.current();
  const mark = /@([0-9a-z]+)~/.exec(jti)?.[1];
  return mark === undefined ? iat * 1000 >= state.restoredAtMs : mark === restoreMark(state);
}

function restoreMark({ restoredAtMs }: Pick<InstallationState, 'restoredAtMs'>): string {
  return restoredAtMs.toString(36);
}

function incarnationOf({ createdAtMs, epoch }: Client): string {
  return `${createdAtMs.toString(36)}-${epoch}`;
}

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

/** The same whatever the time is: a clock that is ahead, or was, says nothing of when a token is good. */
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
