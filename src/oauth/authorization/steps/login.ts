import { isAssured } from '../../../identity/assurance.ts';
import type { Session } from '../../../identity/sessions.ts';
import { ANOTHER_ACCOUNT, type Situation, type Step } from './step.ts';

/** OpenID Connect Core §3.1.2.3 */
export const login: Step = {
  name: 'login',
  page: 'login',
  errorWhenSilent: 'login_required',
  needed(situation) {
    const { session, request, interaction, nowMs } = situation;
    if (!session) return 'no_session';
    if (request.hinted_sub !== undefined && request.hinted_sub !== session.sub) return 'other_user_hinted';
    if (isFreshLogin(situation)) return undefined;
    if (interaction?.selectedSub === ANOTHER_ACCOUNT) return 'another_account';
    if (request.prompt.includes('login')) return 'prompt_login';
    const { max_age } = request;
    if (max_age !== undefined && nowMs >= (authTimeSeconds(session) + max_age) * 1000)
      return 'max_age_exceeded';
    return isStrongEnough(situation) ? undefined : 'acr_not_reached';
  },
};

/** As the client sees it in auth_time, so that it comes to the same result. */
function authTimeSeconds({ authTimeMs }: Session): number {
  return Math.floor(authTimeMs / 1000);
}

/** A wish (acr_values) is worth a question, but never an error. OpenID Connect Core §5.5.1.1 */
function isStrongEnough({ session, request }: Situation): boolean {
  if (!request.acr.essential && request.prompt.includes('none')) return true;
  return isAssured(session?.amr ?? [], request.acr);
}

/** Whether the person signed in during this very interaction. */
export function isFreshLogin({ session, interaction }: Situation): boolean {
  return session !== undefined && interaction !== undefined && session.authTimeMs >= interaction.createdAtMs;
}

/** Whether signing in did not reach what is essential: asking once more would not either. */
export function isOutOfReach(situation: Situation): boolean {
  const { session, request } = situation;
  return isFreshLogin(situation) && request.acr.essential && !isAssured(session?.amr ?? [], request.acr);
}
