/** A token that somebody shows us, and what it stands for now. RFC 7662, RFC 7009 */
import { isRefusal } from '../../lib/outcome.ts';
import type { GrantStandingRow } from '../../storage/tables/grants.ts';
import { isTokenRevoked } from '../../storage/tables/revoked-tokens.ts';
import type { Client } from '../clients/client.ts';
import type { OAuthContext } from '../context.ts';
import { findStanding } from '../gate.ts';
import { grantOfJti, verifyAccessToken } from './access-token.ts';
import type { AccessTokenClaims } from './access-token-claims.ts';
import { findRefreshToken, isRefreshable } from './refresh-token.ts';

export interface PresentedAccess {
  readonly kind: 'access_token';
  readonly claims: AccessTokenClaims;
  readonly client: Client;
  /** undefined where the client acts for itself. */
  readonly grant: GrantStandingRow | undefined;
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
  return token.startsWith('eyJ') ? findAccess(context, token) : findRefresh(context, token);
}

/** The access token if it is in force; never a refresh token. */
export async function findAccess(context: OAuthContext, token: string): Promise<PresentedAccess | undefined> {
  const claims = await verifyAccessToken(context, token);
  if (!claims || (await isTokenRevoked(context.db, claims.jti))) return undefined;
  const grantId = grantOfJti(claims.jti);
  const grant = grantId === undefined ? undefined : await findStanding(context, context.db, grantId);
  if (isRefusal(grant)) return undefined;
  const client = await context.clients.find(claims.client_id);
  return !client || client.disabled ? undefined : { kind: 'access_token', claims, client, grant };
}

async function findRefresh(context: OAuthContext, token: string): Promise<PresentedRefresh | undefined> {
  const presented = await findRefreshToken(context, token);
  if (!presented || presented.generation !== presented.grant.refresh_generation) return undefined;
  if (!isRefreshable(presented.grant, context.clock.nowMs())) return undefined;
  const grant = await findStanding(context, context.db, presented.grant.grant_id);
  return isRefusal(grant) ? undefined : { kind: 'refresh_token', grant };
}
