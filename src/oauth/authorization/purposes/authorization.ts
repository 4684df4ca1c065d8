/** An app that asked by redirect gets a code, or an error. RFC 6749 §4.1.2 */
import type { RequestSource } from '../../../audit/request-source.ts';
import { isRefusal, refuse } from '../../../lib/outcome.ts';
import type { Tx } from '../../../storage/database.ts';
import { completeInteraction } from '../../../storage/tables/interactions.ts';
import type { Client } from '../../clients/client.ts';
import { OAuthError } from '../../errors.ts';
import type {
  AuthorizationRefusal,
  AuthorizationRequest,
  CodeTerms,
} from '../authorization-request-types.ts';
import { type Confirmed, confirm } from '../confirm-in-transaction.ts';
import type { GrantMakingContext } from '../context.ts';
import { type MintedCode, mintCode } from '../create-code-with-grant.ts';
import { spendInteraction } from '../mark-refused-interaction-spent.ts';
import { refuseAuthorization } from '../refuse-authorization.ts';
import { respond } from '../respond.ts';
import type { AuthorizationResponse } from '../response-modes/mode.ts';
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

/** For gatehouse doctor: what the app could have sent. */
export function protectionLeftOut({ code_challenge, nonce }: CodeTerms): Record<string, boolean> {
  return {
    ...(code_challenge === undefined && { pkce: false }),
    ...(nonce === undefined && { nonce: false }),
  };
}
