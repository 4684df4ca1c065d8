/** RFC 6749 §6, RFC 9700 §4.14.2 */
import { z } from 'zod';
import type { RequestSource } from '../../audit/events.ts';
import { refuse } from '../../lib/outcome.ts';
import type { Tx } from '../../storage/database.ts';
import { findGrant, revokeGrant } from '../../storage/tables/grants.ts';
import {
  findRefreshFamily,
  type RefreshFamilyRow,
  revokeRefreshFamily,
  rotateRefreshFamily,
} from '../../storage/tables/refresh-families.ts';
import type { OAuthContext } from '../context.ts';
import type { Proof } from '../proof.ts';
import {
  findRefreshToken,
  idleEndMs,
  isLiveFamily,
  type PresentedRefreshToken,
} from '../tokens/refresh-token.ts';
import { defineGrant, type GrantRefusal } from './grant.ts';

export const refreshToken = defineGrant({
  grantType: 'refresh_token',
  forUser: true,
  parameters: z.object({ refresh_token: z.string() }),

  async look(context, client, parameters): Promise<PresentedRefreshToken | GrantRefusal> {
    const presented = await findRefreshToken(context, parameters.refresh_token);
    if (!presented) return notValid('unknown_refresh_token');
    const grant = await findGrant(context.db, presented.family.grant_id);
    if (grant?.client_id !== client.client_id) return notValid('refresh_token_of_other_client');
    return isLiveFamily(presented.family, context.clock.nowMs())
      ? presented
      : notValid('refresh_token_ended');
  },

  async spend(context, tx, presented, source) {
    const { family, generation } = presented;
    const idle_expires_at = idleEndMs(context);
    const rotated = await rotateRefreshFamily(
      tx,
      { ...family, generation, idle_expires_at },
      context.clock.nowMs(),
    );
    if (rotated) return proven(family, generation + 1);
    const now = await findRefreshFamily(tx, family.family_id);
    if (!now || !isLiveFamily(now, context.clock.nowMs())) return notValid('refresh_token_ended');
    return isInGrace(context, now, generation)
      ? proven(now, now.generation)
      : reused(context, tx, now, source);
  },
});

function proven(family: RefreshFamilyRow, generation: number): Proof {
  return { grantId: family.grant_id, refresh: { family, generation } };
}

/** A lost answer or a second open tab: the direct predecessor gets the same successor again, for a moment. */
function isInGrace(context: OAuthContext, family: RefreshFamilyRow, generation: number): boolean {
  const graceMs = context.settings.refresh_token_grace_seconds * 1000;
  return generation === family.generation - 1 && context.clock.nowMs() < family.rotated_at + graceMs;
}

/** RFC 9700 §4.14.2: a token that was rotated away came back; thief and owner are both shut out. */
async function reused(
  context: OAuthContext,
  tx: Tx,
  family: RefreshFamilyRow,
  source: RequestSource,
): Promise<GrantRefusal> {
  const nowMs = context.clock.nowMs();
  const grant = await findGrant(tx, family.grant_id);
  await revokeRefreshFamily(tx, family.family_id, nowMs);
  await revokeGrant(tx, family.grant_id, nowMs);
  await context.audit.record(tx, {
    type: 'refresh.reused',
    reason: 'refresh_token_reused',
    sub: grant?.sub,
    client_id: grant?.client_id,
    grant_id: family.grant_id,
    source,
  });
  return notValid('refresh_token_reused');
}

/** T14: one sentence for every reason. */
function notValid(reason: string): GrantRefusal {
  return refuse('invalid_grant', reason, 'the refresh token is unknown, expired, spent or of another client');
}
