/** A token that a request presents, and what it stands for now. RFC 7662, RFC 7009 */
import { isRefusal } from '../../lib/outcome.ts';
import {
  findGrantStanding,
  findTokenStanding,
  type GrantStandingRow,
  type TokenStandingRow,
} from '../../storage/tables/grant-standing.ts';
import { isTokenRevoked } from '../../storage/tables/revoked-tokens.ts';
import { checkStanding, isEnded } from '../check-grant-standing.ts';
import type { Client } from '../clients/client.ts';
import type { AccessTokenClaims } from './access-token-claims-schema.ts';
import { grantOfJti, isOfClientNow, isSinceRestore } from './access-token-jti-contents.ts';
import type { RefreshTokenContext, TokenVerifyingContext } from './context.ts';
import { findRefreshToken } from './derive-and-find-refresh-token.ts';
import { isRefreshable } from './refresh-rules.ts';
import { verifyAccessToken, verifyWhenever } from './verify-access-token.ts';

export interface PresentedAccess {
  readonly kind: 'access_token';
  readonly claims: AccessTokenClaims;
  readonly client: Client;
  /** undefined where the client acts for itself. */
  readonly grant: TokenStandingRow | undefined;
}

export interface PresentedRefresh {
  readonly kind: 'refresh_token';
  readonly grant: GrantStandingRow;
}

export type PresentedToken = PresentedAccess | PresentedRefresh;

/** To find any token of ours that a request presents. */
export type PresentedContext = AccessContext & RefreshTokenContext;

/** To find an access token. */
type AccessContext = TokenVerifyingContext & Pick<RefreshTokenContext, 'db'>;

/** The token if it is ours and in force now: signature, expiry, revocation and the gate are all asked. */
export async function findPresentedToken(
  context: PresentedContext,
  token: string,
): Promise<PresentedToken | undefined> {
  return token.startsWith('eyJ') ? findAccess(context, token) : findLiveRefresh(context, token);
}

/**
 * For ending it, whatever the time is: a token that is over by a clock ahead, or to come by one behind, would be good
 * when that is set right. A refresh token that was rotated meanwhile still says whose grant is to end (RFC 7009 §2.1).
 */
export async function findEndableToken(
  context: PresentedContext,
  token: string,
): Promise<PresentedToken | undefined> {
  if (token.startsWith('eyJ')) return findStanding(context, await verifyWhenever(context, token), isEnded);
  const presented = await findRefreshToken(context, token, findGrantStanding);
  return presented && !isEnded(presented.grant)
    ? { kind: 'refresh_token', grant: presented.grant }
    : undefined;
}

/** The access token if it is in force; never a refresh token. */
export async function findAccess(
  context: AccessContext,
  token: string,
): Promise<PresentedAccess | undefined> {
  return findStanding(context, await verifyAccessToken(context, token), (grant) =>
    isRefusal(checkStanding(context, grant)),
  );
}

async function findStanding(
  context: AccessContext,
  claims: AccessTokenClaims | undefined,
  isOver: (grant: TokenStandingRow) => boolean,
): Promise<PresentedAccess | undefined> {
  if (!claims) return undefined;
  const { jti } = claims;
  const grantId = grantOfJti(jti);
  const grant = grantId === undefined ? undefined : await findTokenStanding(context.db, grantId, jti);
  const isRevoked = grant ? grant.revoked_jti !== null : await isTokenRevoked(context.db, jti);
  if (isRevoked || (grantId !== undefined && (!grant || isOver(grant)))) return undefined;
  const client = await context.clients.find(claims.client_id);
  if (!client || client.disabled) return undefined;
  // A restore ends every grant, and with it every token.
  if (!grant && !(isOfClientNow(claims, client) && (await isSinceRestore(context, claims)))) return undefined;
  return { kind: 'access_token', claims, client, grant };
}

/** A token of the current generation, of a grant that is valid. */
async function findLiveRefresh(
  context: PresentedContext,
  token: string,
): Promise<PresentedRefresh | undefined> {
  const presented = await findRefreshToken(context, token, findGrantStanding);
  if (!presented || !isRefreshable(presented.grant, context.clock.nowMs())) return undefined;
  const { grant, generation } = presented;
  const isLive = generation === grant.refresh_generation && !isRefusal(checkStanding(context, grant));
  return isLive ? { kind: 'refresh_token', grant } : undefined;
}
