import { isAssured } from '../../../identity/assurance.ts';
import type { Session } from '../../../identity/sessions/sessions.ts';
import { isFromAhead } from '../../../lib/is-over.ts';
import { ANOTHER_ACCOUNT, NOTHING_NEEDED, needed, type Situation, type Step } from './step.ts';

/** A person reads the consent page for a while; auth_time may be this much older than max_age allows, and no more. */
const TIME_TO_CONSENT_SECONDS = 120;

/** OpenID Connect Core §3.1.2.3 */
export const login: Step = {
  name: 'login',
  page: 'login',
  errorWhenSilent: 'login_required',
  reasons: [
    'no_session',
    'other_user_hinted',
    'max_age_exceeded',
    'another_account',
    'prompt_login',
    'acr_not_reached',
  ],
  needed(situation) {
    const { session, request, interaction } = situation;
    if (!session) return needed('no_session');
    if (request.asked.hinted_sub !== undefined && request.asked.hinted_sub !== session.sub)
      return needed('other_user_hinted');
    const isFresh = isFreshLogin(situation);
    if (isTooOld(situation, isFresh ? TIME_TO_CONSENT_SECONDS : 0)) return needed('max_age_exceeded');
    if (isFresh) return NOTHING_NEEDED;
    if (interaction?.selectedSub === ANOTHER_ACCOUNT) return needed('another_account');
    if (request.asked.prompt.includes('login')) return needed('prompt_login');
    return isStrongEnough(situation) ? NOTHING_NEEDED : needed('acr_not_reached');
  },
};

/** max_age, or so many seconds if those are more; of a sign-in by a clock that was ahead, nobody knows how old it is. */
function isTooOld({ session, request, nowMs }: Situation, leastSeconds: number): boolean {
  const { max_age } = request.asked;
  if (!session || max_age === undefined) return false;
  if (isFromAhead(session.authTimeMs, nowMs)) return true;
  return nowMs >= (authTimeSeconds(session) + Math.max(max_age, leastSeconds)) * 1000;
}

/** As the client sees it in auth_time, so that it comes to the same result. */
function authTimeSeconds({ authTimeMs }: Session): number {
  return Math.floor(authTimeMs / 1000);
}

/** A wish (acr_values) is worth a question, but never an error. OpenID Connect Core §5.5.1.1 */
function isStrongEnough({ session, request }: Situation): boolean {
  if (!request.asked.acr.essential && request.asked.prompt.includes('none')) return true;
  return isAssured(session?.amr ?? [], request.asked.acr);
}

/**
 * Whether the person signed in through this very interaction: a sign-in in another window does not count. Times do not
 * tell: the node that took the sign-in may be behind the one that stored the interaction.
 */
export function isFreshLogin({ session, interaction }: Situation): boolean {
  return session !== undefined && interaction?.signedInSid === session.sid;
}

/** Whether signing in did not reach what is essential: asking once more would not either. */
export function isOutOfReach(situation: Situation): boolean {
  const { session, request } = situation;
  return (
    isFreshLogin(situation) &&
    request.asked.acr.essential &&
    !isAssured(session?.amr ?? [], request.asked.acr)
  );
}
