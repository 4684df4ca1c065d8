/**
 * Refresh tokens without a row each: `family_id.generation.HMAC(server key, family_id, salt, generation)`.
 * A successor is derived, not stored, so the direct predecessor can get the same one again.
 */
import { equalInConstantTime } from '../../lib/constant-time.ts';
import { hmacSha256 } from '../../lib/hash.ts';
import { newIdentifier } from '../../lib/ids.ts';
import type { Tx } from '../../storage/database.ts';
import {
  findRefreshFamily,
  insertRefreshFamily,
  type RefreshFamilyRow,
} from '../../storage/tables/refresh-families.ts';
import type { OAuthContext } from '../context.ts';

const SALT_BYTES = 16;
const FORMAT =
  /^(?<family_id>[0-9a-v]{9}[A-Za-z0-9_-]{27})\.(?<generation>0|[1-9]\d{0,8})\.(?<mac>[A-Za-z0-9_-]{43})$/;

export interface PresentedRefreshToken {
  readonly family: RefreshFamilyRow;
  /** The generation that the token is of; the family's own is the live one. */
  readonly generation: number;
}

/** The token of one generation. */
export function refreshTokenOf(
  context: OAuthContext,
  family: Pick<RefreshFamilyRow, 'family_id' | 'salt'>,
  generation: number,
): string {
  const { family_id, salt } = family;
  const mac = hmacSha256(context.refreshTokenKey, family_id, salt, String(generation));
  return `${family_id}.${generation}.${mac}`;
}

/** The family and generation of a token that we made, whether it may still be used or not. */
export async function findRefreshToken(
  context: OAuthContext,
  token: string,
): Promise<PresentedRefreshToken | undefined> {
  const match = FORMAT.exec(token);
  if (!match?.groups) return undefined;
  const family = await findRefreshFamily(context.db, match.groups.family_id ?? '');
  if (!family) return undefined;
  const generation = Number(match.groups.generation);
  return equalInConstantTime(token, refreshTokenOf(context, family, generation))
    ? { family, generation }
    : undefined;
}

/** A new family at generation 0. Its absolute end is the grant's (ASVS V10.4.8). */
export async function startRefreshFamily(
  context: OAuthContext,
  tx: Tx,
  grant: { grant_id: string; expires_at: number },
): Promise<RefreshFamilyRow> {
  const nowMs = context.clock.nowMs();
  const family: RefreshFamilyRow = {
    family_id: newIdentifier(context.clock, context.random),
    grant_id: grant.grant_id,
    generation: 0,
    salt: context.random.bytes(SALT_BYTES).toString('base64url'),
    created_at: nowMs,
    rotated_at: nowMs,
    idle_expires_at: idleEndMs(context),
    expires_at: grant.expires_at,
    revoked_at: null,
  };
  await insertRefreshFamily(tx, family);
  return family;
}

/** When a refresh token that is used now and never again ends, in milliseconds. */
export function idleEndMs(context: OAuthContext): number {
  return context.clock.nowMs() + context.settings.refresh_token_idle_seconds * 1000;
}

/** Whether the family may be used at all. */
export function isLiveFamily(family: RefreshFamilyRow, nowMs: number): boolean {
  return family.revoked_at === null && family.expires_at > nowMs && family.idle_expires_at > nowMs;
}
