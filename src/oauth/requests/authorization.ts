/** The authorization request and its resumption. RFC 6749 §4.1.1, §4.1.2; OpenID Connect Core §3.1.2 */
import type { RequestSource } from '../../audit/events.ts';
import type { AccountCookies } from '../../identity/sessions/accounts.ts';
import { newSecretValue } from '../../lib/ids.ts';
import { isRefusal, refuse } from '../../lib/outcome.ts';
import type { Tx } from '../../storage/database.ts';
import { completeInteraction } from '../../storage/tables/interactions.ts';
import { accountFor } from '../authorization/account.ts';
import { type MintedCode, mintCode } from '../authorization/code.ts';
import { type Confirmed, confirm } from '../authorization/confirmation.ts';
import { boundRequest, changed, readInteraction, storeInteraction } from '../authorization/interaction.ts';
import { checkAuthorizationRequest } from '../authorization/request.ts';
import { type AuthorizationRefusal, protectionLeftOut } from '../authorization/request-shape.ts';
import { type ResponseTarget, respond } from '../authorization/respond.ts';
import type { AuthorizationResponse } from '../authorization/response-modes/mode.ts';
import { nextStep, situationOf } from '../authorization/situation.ts';
import { isFreshLogin, isOutOfReach } from '../authorization/steps/login.ts';
import { NOTHING_NEEDED, type Situation } from '../authorization/steps/step.ts';
import type { OAuthContext } from '../context.ts';
import { descriptionText, OAuthError } from '../errors.ts';
import { type Pair, readParameters } from '../parameters.ts';

/** One to see, one to see what changed meanwhile, and one more. */
const MOST_LOOKS = 3;

/** The values of the browser's cookies, where it sent them. */
export interface Browser extends AccountCookies {
  readonly browser?: string | undefined;
  readonly source: RequestSource;
}

export interface AuthorizationCall extends Browser {
  readonly method: 'GET' | 'POST';
  readonly pairs: readonly Pair[];
}

export type AuthorizationOutcome =
  | AuthorizationResponse
  /** Show this page; `browser` is a new value for the browser's cookie. */
  | ({ readonly kind: 'page'; readonly page: string; readonly browser?: string } & Begun)
  /** Come again by GET, with the cookies that a cross-site POST does not carry. */
  | ({ readonly kind: 'resume' } & Begun);

/** What the pages of an authorization carry: the app too, for when nothing else is known of it any more. */
interface Begun {
  readonly interaction: string;
  readonly client_id: string;
}

/** Throws OAuthError for what is shown locally. */
export function authorization(context: OAuthContext, call: AuthorizationCall): Promise<AuthorizationOutcome> {
  return untilSettled(() => answerRequest(context, call)).catch((error) =>
    shownLocally(context, error, call),
  );
}

/** undefined where what was seen was so no more when it was written down. */
async function answerRequest(
  context: OAuthContext,
  call: AuthorizationCall,
): Promise<AuthorizationOutcome | undefined> {
  const parameters = readParameters(call.pairs);
  const checked = await checkAuthorizationRequest(context, parameters);
  if ('refusal' in checked)
    return refuseAuthorization(context, checked.target, checked.refusal, call, checked.client.client_id);
  const { client, request } = checked;
  // What is too long is so for everybody, whether or not there is anything to be asked.
  boundRequest(client, request, parameters);
  const { source } = call;
  // SameSite=Lax: a POST from the client's site brings no cookie, so who is signed in is asked at the next GET.
  if (call.method === 'POST' && call.browser === undefined) {
    return {
      kind: 'resume',
      client_id: client.client_id,
      interaction: await storeInteraction(context, checked, { browser: undefined, source }),
    };
  }
  const account = await accountFor(context, call, request);
  const situation = await situationOf(context, { client, request, account });
  const next = nextStep(situation);
  if (next === NOTHING_NEEDED) return complete(context, situation, undefined, call);
  if (request.asked.prompt.includes('none')) return refuseSilently(context, situation, call);
  const browser = call.browser ?? newSecretValue(context.clock, context.random);
  const interaction = await storeInteraction(context, checked, { browser, source });
  const begun = { interaction, client_id: client.client_id };
  return { kind: 'page', page: next.step.page, ...begun, ...(call.browser === undefined && { browser }) };
}

/** What every page ends in: asks again what is missing. Throws OAuthError for what is shown locally. */
export function resumeAuthorization(
  context: OAuthContext,
  call: Browser & { readonly interaction: string },
): Promise<AuthorizationOutcome> {
  return untilSettled(() => answerInteraction(context, call));
}

/** undefined where what was seen was so no more when it was written down. */
async function answerInteraction(
  context: OAuthContext,
  call: Browser & { readonly interaction: string },
): Promise<AuthorizationOutcome | undefined> {
  const browser = call.browser ?? newSecretValue(context.clock, context.random);
  const interaction = readInteraction(context, call.interaction, browser);
  const { row, request, client } = await interaction.catch((error) => shownLocally(context, error, call));
  const account = await accountFor(context, call, request, row);
  if (row.decision === 'deny' && row.decided_sub === account.session?.sub) {
    await finish(context, row.interaction_id);
    const refusal = refuse('access_denied', 'user_denied', 'the user denied the request');
    return refuseAuthorization(context, request.target, refusal, call, client.client_id);
  }
  const situation = await situationOf(context, { client, request, account, row });
  if (isOutOfReach(situation)) {
    await finish(context, row.interaction_id);
    return refuseAuthorization(context, request.target, outOfReach(), call, client.client_id);
  }
  const next = nextStep(situation);
  if (next === NOTHING_NEEDED) return complete(context, situation, row.interaction_id, call);
  if (request.asked.prompt.includes('none') || isSomebodyElse(situation)) {
    await finish(context, row.interaction_id);
    return refuseSilently(context, situation, call);
  }
  return {
    kind: 'page',
    page: next.step.page,
    interaction: row.interaction_id,
    client_id: client.client_id,
    ...(call.browser === undefined && { browser }),
  };
}

/** Looks again where something was taken away meanwhile, which the second look sees. */
async function untilSettled(
  look: () => Promise<AuthorizationOutcome | undefined>,
): Promise<AuthorizationOutcome> {
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const outcome = await look();
    if (outcome) return outcome;
  }
  throw changed();
}

/** What never reaches the client is remembered all the same. */
function shownLocally(context: OAuthContext, error: unknown, { source }: Browser): never {
  if (error instanceof OAuthError) {
    const { reason, about } = error;
    const { client_id, ...details } = about ?? {};
    const compared = about && { client_id, details };
    context.audit.refused({ type: 'authorization.refused', reason, source, ...compared });
  }
  throw error;
}

/** OpenID Connect Core §3.1.2.1 id_token_hint: another user than the hinted one just signed in, or was chosen. */
function isSomebodyElse(situation: Situation): boolean {
  const { request, session, interaction } = situation;
  if (request.asked.hinted_sub === undefined || !session || request.asked.hinted_sub === session.sub)
    return false;
  return isFreshLogin(situation) || interaction?.selectedSub === session.sub;
}

/** OpenID Connect Core Error Code unmet_authentication_requirements 1.0 §2 */
function outOfReach(): AuthorizationRefusal {
  return refuse(
    'unmet_authentication_requirements',
    'acr_not_reached',
    'the user signed in, but not in a way that reaches what is essential',
  );
}

/** OpenID Connect Core §3.1.2.6 */
function refuseSilently(context: OAuthContext, situation: Situation, call: Browser): AuthorizationResponse {
  const next = nextStep(situation);
  const isOther = next === NOTHING_NEEDED;
  const refusal = refuse(
    isOther ? 'interaction_required' : next.step.errorWhenSilent,
    isOther ? 'interaction_required' : next.reason,
    'the user would have to act, or is not the one who was asked for',
  );
  return refuseAuthorization(context, situation.request.target, refusal, call, situation.client.client_id);
}

function refuseAuthorization(
  context: OAuthContext,
  target: ResponseTarget,
  refusal: AuthorizationRefusal,
  { source }: Browser,
  client_id: string,
): AuthorizationResponse {
  context.audit.refused({ type: 'authorization.refused', reason: refusal.reason, client_id, source });
  return respond(context, target, [
    ['error', refusal.error],
    ['error_description', descriptionText(refusal.description)],
  ]);
}

/** The grant and its code; an interaction is spent with them. undefined where something is missing after all. */
async function complete(
  context: OAuthContext,
  situation: Situation,
  interactionId: string | undefined,
  call: Browser,
): Promise<AuthorizationResponse | undefined> {
  const { client, request, session } = situation;
  if (request.refusal) {
    if (interactionId !== undefined) await finish(context, interactionId);
    return refuseAuthorization(context, request.target, request.refusal, call, client.client_id);
  }
  if (!session) throw new Error('an authorization cannot be completed without a session');
  const outcome = await context.db.write(async (tx) => {
    const confirmed = await confirm(context, tx, { ...situation, session }, interactionId);
    if (!confirmed) return undefined;
    if (interactionId !== undefined && !(await completeInteraction(tx, interactionId, confirmed.nowMs))) {
      return completed();
    }
    return grantAccess(context, tx, confirmed, call);
  });
  if (isRefusal(outcome)) throw new OAuthError('invalid_request', outcome.reason, outcome.description);
  return outcome && respond(context, request.target, [['code', outcome.code]]);
}

function completed() {
  const description = 'this sign-in is finished; start again from the app';
  return refuse('invalid_request', 'interaction_completed', description);
}

async function grantAccess(
  context: OAuthContext,
  tx: Tx,
  confirmed: Confirmed,
  { source }: Browser,
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
    details: { scope: request.asked.scope, ...protectionLeftOut(request.code) },
  });
  return minted;
}

async function finish(context: OAuthContext, interactionId: string): Promise<void> {
  await context.db.write((tx) => completeInteraction(tx, interactionId, context.clock.nowMs()));
}
