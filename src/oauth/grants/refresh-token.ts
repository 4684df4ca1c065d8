/** RFC 6749 §6, RFC 9700 §4.14.2 */
import { z } from 'zod';
import type { RequestSource } from '../../audit/request-source.ts';
import { profiles } from '../../config/client-protocol-profiles.ts';
import type { IdentityContext } from '../../identity/context.ts';
import { touchSession } from '../../identity/sessions/mark-session-seen.ts';
import { refuse } from '../../lib/outcome.ts';
import type { Reason } from '../../lib/refusal-reason.ts';
import { isAheadOfClock } from '../../lib/tolerate-clock-set-back.ts';
import type { Tx } from '../../storage/database.ts';
import {
  findGrant,
  type GrantRow,
  keepRefreshToken,
  revokeGrant,
  rotateRefreshToken,
} from '../../storage/tables/grants.ts';
import type { Client } from '../clients/client.ts';
import { isMet, readConfirmation } from '../confirmation-claim.ts';
import { grantProven, grantProvenWithoutSpending } from '../grant-proof.ts';
import { findRefreshToken, type PresentedRefreshToken } from '../tokens/derive-and-find-refresh-token.ts';
import { idleEndMs, isRefreshable, isRotated } from '../tokens/refresh-rules.ts';
import { defineGrant, type GrantRefusal } from './grant-type-interface.ts';

export const refreshToken = defineGrant({
  grantType: 'refresh_token',
  forUser: true,
  confidentialOnly: false,
  selfRegistered: true,
  parameters: z.object({ refresh_token: z.string() }),

  async look(context, client, parameters, shown): Promise<Found | GrantRefusal> {
    const presented = await findRefreshToken(context, parameters.refresh_token, findGrant);
    if (!presented) return notValid('unknown_refresh_token');
    if (presented.grant.client_id !== client.client_id) return notValid('refresh_token_of_other_client');
    if (!isMet(readConfirmation(presented.grant.confirmation), shown)) return notValid('wrong_confirmation');
    return isRefreshable(presented.grant, context.clock.nowMs())
      ? { ...presented, client }
      : notValid('refresh_token_ended');
  },

  async spend(context, tx, { grant: presented, generation, client }, source) {
    const { grant_id } = presented;
    const nowMs = context.clock.nowMs();
    const used = { grant_id, generation, idle_expires_at: idleEndMs(context) };
    const use = isRotated(client) ? rotateRefreshToken : keepRefreshToken;
    const spent = await use(tx, used, nowMs);
    if (spent) {
      await noteActivity(context, tx, client, presented);
      return grantProven(spent, grant_id, { generation: isRotated(client) ? generation + 1 : generation });
    }
    const grant = await findGrant(tx, grant_id);
    if (!grant || !isRefreshable(grant, nowMs)) return notValid('refresh_token_ended');
    return isInGrace(context, grant, generation)
      ? grantProvenWithoutSpending(grant_id, { generation: generation + 1 })
      : reused(context, tx, grant, { source, client_name: client.metadata.client_name });
  },
});

interface Found extends PresentedRefreshToken {
  readonly client: Client;
}

/** OpenID Connect Core §11: without offline_access the person is there, and the app speaks for them. */
async function noteActivity(
  context: Pick<IdentityContext, 'clock' | 'settings'>,
  tx: Tx,
  { profile, metadata }: Client,
  { sid, outlives_session }: GrantRow,
): Promise<void> {
  const isActivity = metadata.refresh_is_activity ?? profiles[profile].refreshIsActivity;
  if (sid !== null && outlives_session === 0 && isActivity) await touchSession(context, tx, sid);
}

/** A lost answer or a second open tab: the direct predecessor gets the same successor again, for a moment. */
function isInGrace(
  context: Pick<IdentityContext, 'clock' | 'settings'>,
  grant: GrantRow,
  generation: number,
): boolean {
  const graceMs = context.settings.refresh_token_grace_seconds * 1000;
  const isPredecessor = generation + 1 === grant.refresh_generation;
  const nowMs = context.clock.nowMs();
  const refreshedAtMs = grant.refreshed_at ?? 0;
  return isPredecessor && nowMs < refreshedAtMs + graceMs && !isAheadOfClock(refreshedAtMs, nowMs);
}

/** RFC 9700 §4.14.2: a token that was replaced by rotation is used again: the grant ends, for an attacker and the client alike. */
async function reused(
  context: Pick<IdentityContext, 'audit' | 'clock' | 'notices'>,
  tx: Tx,
  { grant_id, sub, client_id }: GrantRow,
  { source, client_name }: { readonly source: RequestSource; readonly client_name: string },
): Promise<GrantRefusal> {
  await revokeGrant(tx, grant_id, context.clock.nowMs());
  context.audit.record(tx, {
    type: 'refresh.reused',
    reason: 'refresh_token_reused',
    sub,
    client_id,
    grant_id,
    source,
  });
  // Not the address: it is that of the app, or of a thief.
  await context.notices.tell(tx, sub, 'refresh_token_reused', { client_name });
  return notValid('refresh_token_reused');
}

/** T14: one sentence for every reason. */
function notValid(reason: Reason): GrantRefusal {
  return refuse('invalid_grant', reason, 'the refresh token is unknown, expired, spent or of another client');
}
