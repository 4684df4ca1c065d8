/** What an authorization still lacks, and how it ends where the user may be asked nothing more. */
import { isAssured, missingFactors } from '../../identity/assurance.ts';
import type { Reason } from '../../lib/refusal-reason.ts';
import type { AccessSituation, Situation } from './situation-for-next-step.ts';
import { decisionIn } from './steps/consent.ts';
import { steps } from './steps/index.ts';
import { isFreshLogin, login } from './steps/login.ts';
import { selectionIn } from './steps/read-selected-account.ts';
import { type Need, NOTHING_NEEDED, type Step } from './steps/step.ts';

/** The step that comes next, and why. */
export interface NextStep {
  readonly step: Step;
  readonly reason: Reason;
}

/** No step is left that the user could do, and the acr that is essential is not reached. */
export const OUT_OF_REACH = 'out_of_reach';

/** An outcome that a purpose (purposes/) has an answer to, or the next page. */
export type Dispatch =
  | { readonly kind: 'complete' }
  | { readonly kind: 'denied' | 'out_of_reach' }
  /** The step would have to be shown to the wrong person, or although the request allows no page (prompt=none). */
  | { readonly kind: 'other_user' | 'silent'; readonly next: NextStep }
  | { readonly kind: 'page'; readonly next: NextStep };

/** The next page of the authorization, or how it ends. */
export function dispatch(situation: Situation): Dispatch {
  if (decisionIn(situation) === 'deny') return { kind: 'denied' };
  const next = nextStep(situation);
  if (next === OUT_OF_REACH) return { kind: 'out_of_reach' };
  if (next === NOTHING_NEEDED) return { kind: 'complete' };
  if (situation.request.asked.prompt.includes('none')) return { kind: 'silent', next };
  return { kind: isOtherUser(situation) ? 'other_user' : 'page', next };
}

/** The first step that is still needed; `NOTHING_NEEDED` if none is, `OUT_OF_REACH` if none helps. */
export function nextStep(situation: Situation): NextStep | typeof NOTHING_NEEDED | typeof OUT_OF_REACH {
  if (situation.request.refusal && situation.session) return NOTHING_NEEDED;
  const forAssurance = stepForAssurance(situation);
  if (forAssurance === OUT_OF_REACH) return OUT_OF_REACH;
  const ofPerson = firstNeeded(situation, (step) => step.about !== 'access');
  if (ofPerson !== NOTHING_NEEDED) return ofPerson;
  if (forAssurance !== NOTHING_NEEDED) return forAssurance;
  return firstNeeded(situation, (step) => step.about === 'access');
}

/** Whether the step would be shown, if its turn came. */
export function isNeeded(situation: Situation, step: Step): boolean {
  const forAssurance = stepForAssurance(situation);
  if (needOf(situation, step) !== NOTHING_NEEDED) return true;
  return typeof forAssurance === 'object' && forAssurance.step === step;
}

function firstNeeded(situation: Situation, among: (step: Step) => boolean): NextStep | typeof NOTHING_NEEDED {
  for (const step of steps.filter(among)) {
    const need = needOf(situation, step);
    if (need !== NOTHING_NEEDED) return { step, reason: need.reason };
  }
  return NOTHING_NEEDED;
}

function needOf(situation: Situation, step: Step): Need {
  if (step.about === 'person') return step.needed(situation);
  return isForAccess(situation) ? step.needed(situation) : NOTHING_NEEDED;
}

function isForAccess(situation: Situation): situation is AccessSituation {
  return situation.client !== undefined;
}

/**
 * The step that raises the sign-in to an acr that is wanted: that of a factor that the user has and did not use. Where
 * there is none, a second sign-in may reach it, by another factor or user; after that nothing does. A voluntary acr
 * (acr_values) justifies a question to the user, never an error. OpenID Connect Core §5.5.1.1
 */
function stepForAssurance(situation: Situation): NextStep | typeof NOTHING_NEEDED | typeof OUT_OF_REACH {
  const { session, request, factors } = situation;
  const { acr, prompt } = request.asked;
  const isIdle = !session || (!acr.essential && prompt.includes('none'));
  if (isIdle || isAssured(session.amr, acr)) return NOTHING_NEEDED;
  const [missing] = missingFactors(session.amr, acr, factors) ?? [];
  const step = steps.find(({ name }) => name === missing?.step);
  if (step) return { step, reason: 'acr_not_reached' };
  if (!isFreshLogin(situation)) return { step: login, reason: 'acr_not_reached' };
  return acr.essential ? OUT_OF_REACH : NOTHING_NEEDED;
}

/** OpenID Connect Core §3.1.2.1 id_token_hint: another user than the hinted one just signed in, or was chosen. */
function isOtherUser(situation: Situation): boolean {
  const { request, session, done } = situation;
  if (request.asked.hinted_sub === undefined || !session || request.asked.hinted_sub === session.sub)
    return false;
  return isFreshLogin(situation) || selectionIn(done) === session.sub;
}
