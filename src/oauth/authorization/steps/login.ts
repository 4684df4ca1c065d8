import { z } from 'zod';
import type { Session } from '../../../identity/sessions/session-type.ts';
import { isAheadOfClock } from '../../../lib/tolerate-clock-set-back.ts';
import type { Situation } from '../situation-for-next-step.ts';
import { doneIn } from './done-steps.ts';
import { ANOTHER_ACCOUNT, selectionIn } from './read-selected-account.ts';
import { NOTHING_NEEDED, needed, type PersonStep } from './step.ts';

/** Time to read the consent page: after a sign-in in this interaction, auth_time may be this old even if max_age is less. */
const TIME_TO_CONSENT_SECONDS = 120;

const signedIn = z.object({
  /** The session that was begun or proved again in this interaction. */
  sid: z.string(),
});

type SignedIn = z.infer<typeof signedIn>;

/** OpenID Connect Core §3.1.2.3 */
export const login: PersonStep<SignedIn> = {
  name: 'login',
  about: 'person',
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
  done: signedIn,
  needed(situation) {
    const { session, request } = situation;
    if (!session) return needed('no_session');
    if (request.asked.hinted_sub !== undefined && request.asked.hinted_sub !== session.sub)
      return needed('other_user_hinted');
    const isFresh = isFreshLogin(situation);
    if (isTooOld(situation, isFresh ? TIME_TO_CONSENT_SECONDS : 0)) return needed('max_age_exceeded');
    if (isFresh) return NOTHING_NEEDED;
    if (selectionIn(situation.done) === ANOTHER_ACCOUNT) return needed('another_account');
    return request.asked.prompt.includes('login') ? needed('prompt_login') : NOTHING_NEEDED;
  },
};

/** Older than max_age, or `leastSeconds` if that is more; also where a clock that was ahead leaves the age unknown. */
function isTooOld({ session, request, nowMs }: Situation, leastSeconds: number): boolean {
  const { max_age } = request.asked;
  if (!session || max_age === undefined) return false;
  if (isAheadOfClock(session.authTimeMs, nowMs)) return true;
  return nowMs >= (authTimeSeconds(session) + Math.max(max_age, leastSeconds)) * 1000;
}

/** As the client sees it in auth_time, so that it comes to the same result. */
function authTimeSeconds({ authTimeMs }: Session): number {
  return Math.floor(authTimeMs / 1000);
}

/**
 * Whether the user signed in through this very interaction: a sign-in in another window does not count. Times cannot
 * decide this: the node that took the sign-in may be behind the one that stored the interaction.
 */
export function isFreshLogin({ session, done }: Pick<Situation, 'session' | 'done'>): boolean {
  return session !== undefined && doneIn(done, login)?.sid === session.sid;
}
