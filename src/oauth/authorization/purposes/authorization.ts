/** An app that asked by redirect gets a code, or an error. RFC 6749 §4.1.2 */
import type { RequestSource } from '../../../audit/events.ts';
import type { IdentityContext } from '../../../identity/context.ts';
import { isRefusal, refuse } from '../../../lib/outcome.ts';
import type { Tx } from '../../../storage/database.ts';
import { completeInteraction } from '../../../storage/tables/interactions.ts';
import type { Client } from '../../clients/client.ts';
import { descriptionText, OAuthError } from '../../errors.ts';
import {
  type AuthorizationRefusal,
  type AuthorizationRequest,
  protectionLeftOut,
} from '../authorization-request-types.ts';
import { type Confirmed, confirm } from '../confirm-in-transaction.ts';
import type { GrantMakingContext } from '../context.ts';
import { type MintedCode, mintCode } from '../create-code-with-grant.ts';
import { spendInteraction } from '../mark-refused-interaction-spent.ts';
import { type ResponseTarget, respond } from '../respond.ts';
import type { AuthorizationResponse, ResponseModeContext } from '../response-modes/mode.ts';
import { readStoredRequest, writeStoredRequest } from '../stored-request.ts';
import { definePurpose, type Ending } from './purpose.ts';
import { acrNotReached, userDenied, wouldHaveToAct } from './refusals-of-uncompleted-authorization.ts';

type Ended = Ending<AuthorizationRequest>;

export const authorization = definePurpose<AuthorizationRequest>({
  name: 'authorization',
  write: (request, client) => writeStoredRequest(request, appOf(client).metadataHash),
  read: readStoredRequest,
  complete,
  denied: (ending) => refuseEnding(ending, userDenied()),
  outOfReach: (ending) => refuseEnding(ending, acrNotReached()),
  otherUser: (ending, next) => refuseEnding(ending, wouldHaveToAct(next)),
  silent: (ending, next) => refuseEnding(ending, wouldHaveToAct(next)),
});

/** Sends the app the reason why there is no code, and records it in the audit. */
export function refuseAuthorization(
  context: Pick<IdentityContext, 'audit'> & ResponseModeContext,
  refusal: AuthorizationRefusal,
  parts: { readonly target: ResponseTarget; readonly client: Client; readonly source: RequestSource },
): Promise<AuthorizationResponse> {
  const { target, client, source } = parts;
  const { client_id } = client;
  context.audit.refused({ type: 'authorization.refused', reason: refusal.reason, client_id, source });
  return respond({ client, context }, target, [
    ['error', refusal.error],
    ['error_description', descriptionText(refusal.description)],
  ]);
}

function refuseEnding(
  { context, situation: { request, client }, source }: Ended,
  refusal: AuthorizationRefusal,
): Promise<AuthorizationResponse> {
  return refuseAuthorization(context, refusal, { target: request.target, client: appOf(client), source });
}

/** The grant and its code; an interaction is spent with them. */
async function complete(ending: Ended): Promise<AuthorizationResponse | undefined> {
  const { context, situation, interactionId } = ending;
  const { request, session } = situation;
  if (request.refusal) {
    if (interactionId !== undefined) await spendInteraction(context, interactionId);
    return refuseEnding(ending, request.refusal);
  }
  if (!session) throw new Error('an authorization cannot be completed without a session');
  const client = appOf(situation.client);
  const outcome = await context.db.write(async (tx) => {
    const confirmed = await confirm(context, tx, { ...situation, client, session }, interactionId);
    if (!confirmed) return undefined;
    if (interactionId !== undefined && !(await completeInteraction(tx, interactionId, confirmed.nowMs))) {
      return completed();
    }
    return grantAccess(context, tx, confirmed, ending.source);
  });
  if (isRefusal(outcome)) throw new OAuthError('invalid_request', outcome.reason, outcome.description);
  return outcome && respond({ client, context }, request.target, [['code', outcome.code]]);
}

async function grantAccess(
  context: GrantMakingContext,
  tx: Tx,
  confirmed: Confirmed<AuthorizationRequest>,
  source: RequestSource,
): Promise<MintedCode> {
  const minted = await mintCode(context, tx, confirmed);
  const { request, session } = confirmed;
  context.audit.record(tx, {
    type: 'authorization.granted',
    sub: session.sub,
    client_id: request.client_id,
    grant_id: minted.grant_id,
    sid: session.sid,
    source,
    details: { scope: request.asked.access.scope.join(' '), ...protectionLeftOut(request.code) },
  });
  return minted;
}

function appOf(client: Client | undefined): Client {
  if (client) return client;
  throw new Error('an authorization is always for an app');
}

function completed() {
  const description = 'this sign-in is finished; start again from the app';
  return refuse('invalid_request', 'interaction_completed', description);
}
