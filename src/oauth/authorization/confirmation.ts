/**
 * What was seen before a transaction is a hint: session, user, client, consent and interaction are asked again in the
 * one that writes the grant.
 */
import { type Session, toSession } from '../../identity/sessions/sessions.ts';
import type { Tx } from '../../storage/database.ts';
import { findGrantParents, type GrantParentsRow } from '../../storage/tables/grants.ts';
import { findInteraction } from '../../storage/tables/interactions.ts';
import type { Client } from '../clients/client.ts';
import type { OAuthContext } from '../context.ts';
import { consentOf, interactionOf, nextStep } from './situation.ts';
import { NOTHING_NEEDED, type Situation } from './steps/step.ts';

declare const confirmed: unique symbol;

/** An authorization in which nothing is missing, by what its transaction sees. Made by {@link confirm} alone. */
export interface Confirmed extends Situation {
  readonly [confirmed]: true;
  readonly session: Session;
  /** In these epochs of the user and the client alone the grant lives. */
  readonly userEpoch: number;
  readonly clientEpoch: number;
  /** Whether the client got a grant in the session before. */
  readonly takesPart: boolean;
}

/** undefined where what was seen is so no more: look again. */
export async function confirm(
  context: OAuthContext,
  tx: Tx,
  seen: Situation & { readonly session: Session },
  interactionId: string | undefined,
): Promise<Confirmed | undefined> {
  const { client, session } = seen;
  const nowMs = context.clock.nowMs();
  const parents = await findGrantParents(tx, { sid: session.sid, client_id: client.client_id }, nowMs);
  if (!parents || !isRegisteredAs(client, parents)) return undefined;
  const row = interactionId === undefined ? undefined : await findInteraction(tx, interactionId);
  const situation: Situation = {
    ...seen,
    session: toSession(parents),
    consent: consentOf(context, rememberedIn(parents)),
    interaction: row && interactionOf(row),
    nowMs,
  };
  if (nextStep(situation) !== NOTHING_NEEDED) return undefined;
  const { user_grant_epoch: userEpoch, client_epoch: clientEpoch } = parents;
  const takesPart = parents.session_client_id !== null;
  return { ...situation, userEpoch, clientEpoch, takesPart } as Confirmed;
}

function isRegisteredAs(client: Client, { client_profile, client_metadata }: GrantParentsRow): boolean {
  return client.profile === client_profile && client.metadataText === client_metadata;
}

function rememberedIn({ consent_scope, consent_resources, consent_claims }: GrantParentsRow) {
  if (consent_scope === null || consent_resources === null) return undefined;
  return { scope: consent_scope, resources: consent_resources, claims: consent_claims };
}
