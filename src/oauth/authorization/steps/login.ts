import type { Situation, Step } from './step.ts';

/** OpenID Connect Core §3.1.2.3 */
export const login: Step = {
  name: 'login',
  page: 'login',
  errorWhenSilent: 'login_required',
  needed(situation) {
    const { session, request, nowMs } = situation;
    if (!session) return 'no_session';
    if (request.hinted_sub !== undefined && request.hinted_sub !== session.sub) return 'other_user_hinted';
    if (isFreshLogin(situation)) return undefined;
    if (request.prompt.includes('login') || request.prompt.includes('select_account')) return 'prompt_login';
    const { max_age } = request;
    if (max_age !== undefined && nowMs >= session.authTimeMs + max_age * 1000) return 'max_age_exceeded';
    return undefined;
  },
};

/** Whether the person signed in during this very interaction. */
export function isFreshLogin({ session, interaction }: Situation): boolean {
  return session !== undefined && interaction !== undefined && session.authTimeMs >= interaction.createdAtMs;
}
