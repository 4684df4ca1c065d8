/**
 * What was read before a transaction is a hint: session, user, client, consent and interaction are read again in the
 * transaction that writes the grant.
 */
import type { IdentityContext } from '../../identity/context.ts';
import { type Session, toSession } from '../../identity/sessions/session-type.ts';
import type { Tx } from '../../storage/database.ts';
import { findGrantParents, type GrantParentsRow } from '../../storage/tables/grants.ts';
import type { Client } from '../clients/client.ts';
import type { AskedRequest } from './authorization-request-types.ts';
import { dispatch } from './decide-next-step.ts';
import { consentOf } from './gather-situation.ts';
import type { AccessSituation } from './situation-for-next-step.ts';
import { NOTHING_DONE } from './steps/done-steps.ts';
import { findDone } from './stored-done-steps.ts';

declare const confirmed: unique symbol;

/** An authorization in which nothing is missing, by what its transaction sees. Made by {@link confirm} alone. */
export interface Confirmed<Request extends AskedRequest = AskedRequest> extends AccessSituation<Request> {
  readonly [confirmed]: true;
  readonly session: Session;
  /** The grant is valid only in these epochs of the user and the client. */
  readonly userEpoch: number;
  readonly clientEpoch: number;
  /** Whether the client got a grant in the session before. */
  readonly takesPart: boolean;
}

/** undefined where the situation has changed since `seen`: look again. */
export async function confirm<Request extends AskedRequest>(
  context: Pick<IdentityContext, 'claimCatalogue' | 'clock'>,
  tx: Tx,
  seen: AccessSituation<Request> & { readonly session: Session },
  interactionId: string | undefined,
): Promise<Confirmed<Request> | undefined> {
  const { client, session } = seen;
  const nowMs = context.clock.nowMs();
  const parents = await findGrantParents(tx, { sid: session.sid, client_id: client.client_id }, nowMs);
  if (!parents || !isRegisteredAs(client, parents)) return undefined;
  const situation: AccessSituation<Request> = {
    ...seen,
    session: toSession(parents),
    consent: consentOf(context, rememberedIn(parents)),
    done: interactionId === undefined ? NOTHING_DONE : await findDone(tx, interactionId),
    nowMs,
  };
  if (dispatch(situation).kind !== 'complete') return undefined;
  const { user_grant_epoch: userEpoch, client_epoch: clientEpoch } = parents;
  const takesPart = parents.session_client_id !== null;
  return { ...situation, userEpoch, clientEpoch, takesPart } as Confirmed<Request>;
}

function isRegisteredAs(client: Client, { client_profile, client_metadata }: GrantParentsRow): boolean {
  return client.profile === client_profile && client.metadataText === client_metadata;
}

function rememberedIn({ consent_access }: GrantParentsRow) {
  return consent_access === null ? undefined : { access: consent_access };
}
