/** The answer to a proven factor: the page of the next factor, or the page after the sign-in. */
import type { FastifyReply } from 'fastify';
import type { PendingSignIn } from '../../identity/pending-sign-in.ts';
import type { SignedIn } from '../../identity/sign-in.ts';
import type { SteppedUp } from '../../identity/submit-second-factor.ts';
import { signedInFor } from '../../oauth/page-models/login.ts';
import type { FormCall } from './accept-own-form-or-any-post.ts';
import { onwardPath } from './account-page-after-sign-in.ts';
import { setBrowserSessions } from './browser-session-cookies.ts';
import { carriedIn, carriedQuery } from './interaction-in-urls-and-forms.ts';
import { seeOther } from './redirect.ts';

/** No session begins while a factor is lacking. The interaction of another browser is not marked. */
export async function answerSignIn(
  call: FormCall,
  outcome: SignedIn | SteppedUp | PendingSignIn,
): Promise<FastifyReply> {
  const { tools, request, reply, fields } = call;
  const carried = carriedIn(tools, fields);
  if ('lacks' in outcome) {
    tools.cookies.set(reply, 'pending', outcome.cookieValue);
    const [factor] = outcome.lacks;
    return seeOther(tools, reply, `/${factor?.step}${carriedQuery(carried)}`);
  }
  if ('steppedUp' in outcome) {
    // Not a sign-in for the interaction: prompt=login and max_age still require one.
    tools.cookies.set(reply, 'session', outcome.steppedUp.cookieValue);
    return seeOther(tools, reply, nextOf(call));
  }
  const { interaction } = carried;
  if (interaction !== undefined) {
    const browser = tools.cookies.read(request, 'browser');
    await signedInFor(tools, { interaction, browser }, outcome.session.sid);
  }
  setBrowserSessions(tools, request, reply, { active: outcome, others: outcome.others });
  if (outcome.deviceCookie !== undefined) tools.cookies.set(reply, 'device', outcome.deviceCookie);
  if (tools.cookies.read(request, 'pending') !== undefined) tools.cookies.clear(reply, 'pending');
  return seeOther(tools, reply, nextOf(call));
}

/** The path after the sign-in. */
export function nextOf({ tools, fields }: Pick<FormCall, 'tools' | 'fields'>): string {
  const carried = carriedIn(tools, fields);
  return carried.interaction === undefined
    ? onwardPath(tools, carried.onward)
    : `/authorize/resume${carriedQuery(carried)}`;
}
