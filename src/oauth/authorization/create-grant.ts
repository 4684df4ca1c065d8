/** The one place where a grant is created, whichever way the user authorized it. */
import { reachedAcr } from '../../identity/assurance.ts';
import type { IdentityContext } from '../../identity/context.ts';
import type { Tx } from '../../storage/database.ts';
import { type GrantRow, insertGrant, type NewGrantRow } from '../../storage/tables/grants.ts';
import type { Access } from '../access/members/access-of-all-members.ts';
import { claimsOfGrant } from '../access/requested-claims-client-may-have.ts';
import { writeAccess } from '../access/stored-access.ts';
import type { Client } from '../clients/client.ts';
import { boundGrants } from '../end-all-or-surplus-grants.ts';
import { USERINFO } from '../find-requested-resources.ts';
import { firstRefreshState } from '../tokens/derive-and-find-refresh-token.ts';
import type { Asked } from './authorization-request-types.ts';
import type { Confirmed } from './confirm-in-transaction.ts';
import type { GrantMakingContext } from './context.ts';

/** How the client gets the new grant: `code_binding` is null where no authorization code is issued for it. */
export type NewGrant = Pick<GrantRow, 'grant_id' | 'code_binding'>;

/**
 * Stores the grant, and ends the oldest where the user has too many for the client. Returns when it expires, in milliseconds,
 * unless the client uses it by then (grants/start-grant-at-first-use.ts): after `code_seconds`, with or without a code. One that
 * lived longer than a code may would count as one in use (delete-surplus-grants.ts) and cause those in use to be deleted.
 */
export async function createGrant(
  context: GrantMakingContext,
  tx: Tx,
  confirmed: Confirmed,
  grant: NewGrant,
): Promise<number> {
  const row = rowOf(context, confirmed, grant);
  await insertGrant(tx, row, confirmed.takesPart);
  await boundGrants(context, tx, grant.grant_id);
  return row.expires_at;
}

function rowOf(
  context: GrantMakingContext,
  { client, request: { asked }, session, userEpoch, clientEpoch, nowMs }: Confirmed,
  grant: NewGrant,
): NewGrantRow {
  const access = grantedAccess(context, client, asked);
  const refresh = firstRefreshState(context, client);
  // Each member by its name: V8 makes a hash table of a literal in which so many follow a spread (9 KB a row).
  return {
    grant_id: grant.grant_id,
    code_binding: grant.code_binding,
    expires_at: nowMs + context.settings.code_seconds * 1000,
    refresh_generation: refresh.refresh_generation,
    refresh_salt: refresh.refresh_salt,
    refreshed_at: refresh.refreshed_at,
    refresh_idle_expires_at: refresh.refresh_idle_expires_at,
    sub: session.sub,
    client_id: client.client_id,
    sid: session.sid,
    access: writeAccess(access),
    outlives_session: access.scope.includes('offline_access') ? 1 : 0,
    auth_time: session.authTimeMs,
    amr: JSON.stringify(session.amr),
    acr: reachedAcr(session.amr, asked.acr.values) ?? null,
    created_at: nowMs,
    revoked_at: null,
    user_epoch: userEpoch,
    client_epoch: clientEpoch,
  };
}

/** What was allowed, with what the token endpoint must know of it: what a token is for by default, and where claims go. */
function grantedAccess(
  { claimCatalogue }: Pick<IdentityContext, 'claimCatalogue'>,
  client: Client,
  asked: Asked,
): Access {
  const { access, userinfo_first } = asked;
  return {
    ...access,
    resources: userinfo_first ? [USERINFO, ...access.resources] : access.resources,
    claims: claimsOfGrant(claimCatalogue, client, asked.claims?.request),
  };
}
