/** Whether a refresh token is given, rotated, and good. */
import { profiles } from '../../config/client-protocol-profiles.ts';
import type { IdentityContext } from '../../identity/context.ts';
import type { GrantRow } from '../../storage/tables/grants.ts';
import type { Client } from '../clients/client.ts';

/** Whether the grant has refresh tokens and the client may still use them. */
export function mayRefresh(grant: GrantRow, client: Client): boolean {
  return grant.refresh_generation !== null && client.metadata.grant_types.includes('refresh_token');
}

/** Whether a refresh token of the client is spent by its use, and replaced by another. RFC 9700 §2.2.2 */
export function isRotated({ confidential, profile, metadata }: Client): boolean {
  return !confidential || (metadata.refresh_token_rotation ?? profiles[profile].refreshTokenRotation);
}

/** When a refresh token that is used now and never again ends, in milliseconds. */
export function idleEndMs(context: Pick<IdentityContext, 'clock' | 'settings'>): number {
  return context.clock.nowMs() + context.settings.refresh_token_idle_seconds * 1000;
}

/** Whether the grant may be refreshed at all; its absolute end is the grant's (ASVS V10.4.8). */
export function isRefreshable(grant: GrantRow, nowMs: number): boolean {
  const { revoked_at, expires_at, refresh_idle_expires_at } = grant;
  return revoked_at === null && expires_at > nowMs && (refresh_idle_expires_at ?? 0) > nowMs;
}
