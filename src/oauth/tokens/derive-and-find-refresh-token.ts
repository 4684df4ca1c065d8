/**
 * Refresh tokens without a row each: `grant_id.generation.HMAC(server key, grant_id, salt, generation)`. The grant
 * holds the generation that is live and the salt. A successor is derived, not stored, so the direct predecessor can
 * get the same one again.
 */
import type { IdentityContext } from '../../identity/context.ts';
import { equalInConstantTime } from '../../lib/constant-time.ts';
import { hmacSha256 } from '../../lib/sha256-and-hmac.ts';
import type { Reader } from '../../storage/database.ts';
import type { GrantRow } from '../../storage/tables/grants.ts';
import type { Client } from '../clients/client.ts';
import type { RefreshTokenContext } from './context.ts';
import { idleEndMs } from './refresh-rules.ts';

const SALT_BYTES = 16;
const FORMAT =
  /^(?<grant_id>[0-9a-v]{9}[A-Za-z0-9_-]{27})\.(?<generation>0|[1-9]\d{0,8})\.(?<mac>[A-Za-z0-9_-]{43})$/;

type RefreshState = Pick<
  GrantRow,
  'refresh_generation' | 'refresh_salt' | 'refreshed_at' | 'refresh_idle_expires_at'
>;

export interface PresentedRefreshToken<Row extends GrantRow = GrantRow> {
  readonly grant: Row;
  /** The generation that the token is of; the grant's own is the live one. */
  readonly generation: number;
}

/** What a new grant holds: generation 0 is live where the client may refresh. */
export function firstRefreshState(
  context: Pick<IdentityContext, 'clock' | 'random' | 'settings'>,
  client: Client,
): RefreshState {
  if (!client.metadata.grant_types.includes('refresh_token')) {
    return {
      refresh_generation: null,
      refresh_salt: null,
      refreshed_at: null,
      refresh_idle_expires_at: null,
    };
  }
  return {
    refresh_generation: 0,
    refresh_salt: context.random.bytes(SALT_BYTES).toString('base64url'),
    refreshed_at: null,
    refresh_idle_expires_at: idleEndMs(context),
  };
}

/** The token of one generation. */
export function refreshTokenOf(
  context: Pick<RefreshTokenContext, 'refreshTokenKey'>,
  grant: Pick<GrantRow, 'grant_id' | 'refresh_salt'>,
  generation: number,
): string {
  const { grant_id, refresh_salt } = grant;
  const mac = hmacSha256(context.refreshTokenKey, grant_id, refresh_salt ?? '', String(generation));
  return `${grant_id}.${generation}.${mac}`;
}

/** The grant, as `read` finds it, and generation of a token that we made, whether it may still be used or not. */
export async function findRefreshToken<Row extends GrantRow>(
  context: RefreshTokenContext,
  token: string,
  read: (db: Reader, grantId: string) => Promise<Row | undefined>,
): Promise<PresentedRefreshToken<Row> | undefined> {
  const match = FORMAT.exec(token);
  if (!match?.groups) return undefined;
  const grant = await read(context.db, match.groups.grant_id ?? '');
  if (!grant || grant.refresh_generation === null) return undefined;
  const generation = Number(match.groups.generation);
  return equalInConstantTime(token, refreshTokenOf(context, grant, generation))
    ? { grant, generation }
    : undefined;
}
