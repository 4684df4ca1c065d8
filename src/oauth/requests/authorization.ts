/** The authorization request and its resumption. RFC 6749 §4.1.1, §4.1.2; OpenID Connect Core §3.1.2 */
import type { IdentityContext } from '../../identity/context.ts';
import { newSecretValue } from '../../lib/time-ordered-ids-and-secrets.ts';
import { checkAuthorizationRequest } from '../authorization/check-authorization-request.ts';
import type { InteractionContext, LookContext, RulesContext } from '../authorization/context.ts';
import { boundRequest, changed, readInteraction, storeInteraction } from '../authorization/interaction.ts';
import {
  type Begun,
  type Browser,
  continueAuthorization,
  type PageOfStep,
} from '../authorization/next-page-or-end.ts';
import { authorization as purpose } from '../authorization/purposes/authorization.ts';
import type { Outcome } from '../authorization/purposes/purpose.ts';
import { refuseAuthorization } from '../authorization/refuse-authorization.ts';
import { OAuthError } from '../errors.ts';
import { type Pair, readParameters } from '../parameters.ts';

/** The first look, one after a change meanwhile, and one more. */
const MOST_LOOKS = 3;

export interface AuthorizationCall extends Browser {
  readonly method: 'GET' | 'POST';
  readonly pairs: readonly Pair[];
}

export type AuthorizationOutcome =
  | Outcome
  | PageOfStep
  /** The browser repeats the request by GET, with the cookies that a cross-site POST does not carry. */
  | ({ readonly kind: 'resume' } & Begun);

/** Throws OAuthError for what is shown locally. */
export function authorization(
  context: RulesContext & LookContext,
  call: AuthorizationCall,
): Promise<AuthorizationOutcome> {
  return untilSettled(() => answerRequest(context, call)).catch((error) =>
    shownLocally(context, error, call),
  );
}

/** undefined where the situation had changed when the outcome was to be stored. */
async function answerRequest(
  context: RulesContext & LookContext,
  call: AuthorizationCall,
): Promise<AuthorizationOutcome | undefined> {
  const parameters = readParameters(call.pairs);
  const checked = await checkAuthorizationRequest(context, parameters);
  const { source } = call;
  const { client } = checked;
  if ('refusal' in checked) {
    return refuseAuthorization(context, checked.refusal, { target: checked.target, client, source });
  }
  const wanted = { purpose, ...checked };
  // A request that is too long is refused always, also where no page is needed and nothing would be stored.
  boundRequest(wanted, parameters);
  // SameSite=Lax: a POST from the client's site brings no cookie, so who is signed in is asked at the next GET.
  if (call.method === 'POST' && call.browser === undefined) {
    const interaction = await storeInteraction(context, wanted, { browser: undefined, source });
    return { kind: 'resume', client_id: client.client_id, interaction };
  }
  return continueAuthorization(context, wanted, undefined, call);
}

/** What every page ends in: asks again what is missing. Throws OAuthError for what is shown locally. */
export function resumeAuthorization(
  context: LookContext & InteractionContext,
  call: Browser & { readonly interaction: string },
): Promise<AuthorizationOutcome> {
  return untilSettled(() => answerInteraction(context, call));
}

/** undefined where the situation had changed when the outcome was to be stored. */
async function answerInteraction(
  context: LookContext & InteractionContext,
  call: Browser & { readonly interaction: string },
): Promise<AuthorizationOutcome | undefined> {
  const browser = call.browser ?? newSecretValue(context.clock, context.random);
  const reading = readInteraction(context, call.interaction, browser);
  const interaction = await reading.catch((error) => shownLocally(context, error, call));
  const outcome = await continueAuthorization(context, interaction, interaction, call);
  return outcome?.kind === 'page' && call.browser === undefined ? { ...outcome, browser } : outcome;
}

/** Looks again where the situation changed meanwhile, such as a consent that was withdrawn. */
async function untilSettled(
  look: () => Promise<AuthorizationOutcome | undefined>,
): Promise<AuthorizationOutcome> {
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const outcome = await look();
    if (outcome) return outcome;
  }
  throw changed();
}

/** Records the errors that are shown on a page, and never sent to the client, in the audit. */
function shownLocally(context: Pick<IdentityContext, 'audit'>, error: unknown, { source }: Browser): never {
  if (error instanceof OAuthError) {
    const { reason, about } = error;
    const { client_id, ...details } = about ?? {};
    const compared = about && { client_id, details };
    context.audit.refused({ type: 'authorization.refused', reason, source, ...compared });
  }
  throw error;
}
