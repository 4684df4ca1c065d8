/** A token that somebody shows us, and what it stands for now. RFC 7662, RFC 7009 */
import { isRefusal } from '../../lib/outcome.ts';
import {
  findGrantStanding,
  findTokenStanding,
  type GrantStandingRow,
  type TokenStandingRow,
} from '../../storage/tables/grants.ts';
import { isTokenRevoked } from '../../storage/tables/revoked-tokens.ts';
import type { Client } from '../clients/client.ts';
import type { OAuthContext } from '../context.ts';
import { checkStanding } from '../gate.ts';
import {
  grantOfJti,
  isOfClientNow,
  isSinceRestore,
  verifyAccessToken,
  verifyUnexpired,
} from './access-token.ts';
import type { AccessTokenClaims } from './access-token-claims.ts';
import { findRefreshToken, isRefreshable } from './refresh-token.ts';

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

/** The token if it is ours and in force now: signature, expiry, revocation and the gate are all asked. */
export async function findPresentedToken(
  context: OAuthContext,
  token: string,
): Promise<PresentedToken | undefined> {
  return token.startsWith('eyJ') ? findAccess(context, token) : findLiveRefresh(context, token);
}

/**
 * For ending it: a refresh token that was rotated meanwhile still says whose grant is to end (RFC 7009 §2.1), and an
 * access token that a clock ahead wrote is not to be good later.
 */
export async function findEndableToken(
  context: OAuthContext,
  token: string,
): Promise<PresentedToken | undefined> {
  if (token.startsWith('eyJ')) return findStanding(context, await verifyUnexpired(context, token));
  const presented = await findRefresh(context, token);
  return presented && { kind: 'refresh_token', grant: presented.grant };
}

/** The access token if it is in force; never a refresh token. */
export async function findAccess(context: OAuthContext, token: string): Promise<PresentedAccess | undefined> {
  return findStanding(context, await verifyAccessToken(context, token));
}

async function findStanding(
  context: OAuthContext,
  claims: AccessTokenClaims | undefined,
): Promise<PresentedAccess | undefined> {
  if (!claims) return undefined;
  const { jti } = claims;
  const grantId = grantOfJti(jti);
  const row = grantId === undefined ? undefined : await findTokenStanding(context.db, grantId, jti);
  const isRevoked = row ? row.revoked_jti !== null : await isTokenRevoked(context.db, jti);
  const grant = grantId === undefined ? undefined : checkStanding(context, row);
  if (isRevoked || isRefusal(grant)) return undefined;
  const client = await context.clients.find(claims.client_id);
  if (!client || client.disabled) return undefined;
  // A restore ends every grant, and so what hangs on it.
  if (!grant && !(isOfClientNow(claims, client) && (await isSinceRestore(context, claims)))) return undefined;
  return { kind: 'access_token', claims, client, grant };
}

async function findLiveRefresh(context: OAuthContext, token: string): Promise<PresentedRefresh | undefined> {
  const presented = await findRefresh(context, token);
  if (!presented || presented.generation !== presented.grant.refresh_generation) return undefined;
  return { kind: 'refresh_token', grant: presented.grant };
}

/** A token of any generation of a grant that stands. */
async function findRefresh(context: OAuthContext, token: string) {
  const presented = await findRefreshToken(context, token, findGrantStanding);
  if (!presented || !isRefreshable(presented.grant, context.clock.nowMs())) return undefined;
  return isRefusal(checkStanding(context, presented.grant)) ? undefined : presented;
}
