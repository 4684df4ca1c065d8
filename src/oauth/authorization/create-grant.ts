/** The one place where a grant begins, whatever the person authorized it through. */
import { reachedAcr } from '../../identity/assurance.ts';
import type { Tx } from '../../storage/database.ts';
import { type GrantRow, insertGrant, type NewGrantRow } from '../../storage/tables/grants.ts';
import { claimsOfGrant } from '../claims-request.ts';
import type { OAuthContext } from '../context.ts';
import { boundGrants } from '../grants-of-client.ts';
import { USERINFO } from '../resource.ts';
import { firstRefreshState } from '../tokens/refresh-token.ts';
import type { Confirmed } from './confirmation.ts';

/**
 * How the client comes to the new grant: `code_binding` is null where no authorization code leads to it, `expires_at` is in
 * milliseconds.
 */
export type NewGrant = Pick<GrantRow, 'grant_id' | 'code_binding' | 'expires_at'>;

/** Stores the grant, and ends the oldest where the person has too many of the client. */
export async function createGrant(
  context: OAuthContext,
  tx: Tx,
  confirmed: Confirmed,
  grant: NewGrant,
): Promise<void> {
  await insertGrant(tx, rowOf(context, confirmed, grant), confirmed.takesPart);
  await boundGrants(context, tx, grant.grant_id);
}

function rowOf(
  context: OAuthContext,
  { client, request: { asked }, session, userEpoch, clientEpoch, nowMs }: Confirmed,
  grant: NewGrant,
): NewGrantRow {
  return {
    ...grant,
    ...firstRefreshState(context, client),
    sub: session.sub,
    client_id: client.client_id,
    sid: session.sid,
    scope: asked.scope,
    resources: JSON.stringify(asked.userinfo_first ? [USERINFO, ...asked.resources] : asked.resources),
    auth_time: session.authTimeMs,
    amr: JSON.stringify(session.amr),
    acr: reachedAcr(session.amr, asked.acr.values) ?? null,
    claims: claimsOfGrant(context.claimCatalogue, client, asked.claims?.request),
    created_at: nowMs,
    revoked_at: null,
    user_epoch: userEpoch,
    client_epoch: clientEpoch,
  };
}
