/** Where a sign-in leads. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { SignedIn, SignInBrowser } from '../../identity/sign-in.ts';
import { signedInFor } from '../../oauth/page-models/interaction.ts';
import { sourceOf } from '../request-source.ts';
import { onwardPath } from './onward.ts';
import { carriedIn, carriedQuery, seeOther, setAccounts } from './page.ts';
import type { FormCall } from './submission.ts';
import type { PageTools } from './tools.ts';

/** Whose browser it is. */
export function signInBrowserOf(tools: PageTools, request: FastifyRequest): SignInBrowser {
  return {
    source: sourceOf(tools, request),
    sessionCookie: tools.cookies.read(request, 'session'),
    accountsCookie: tools.cookies.read(request, 'accounts'),
    deviceCookie: tools.cookies.read(request, 'device'),
  };
}

/** `loginSituation` said that the interaction is this browser's. */
export async function answerSignIn(call: FormCall, outcome: SignedIn): Promise<FastifyReply> {
  const { tools, request, reply, fields } = call;
  const carried = carriedIn(fields);
  if (carried.interaction !== undefined) await signedInFor(tools, carried.interaction, outcome.session.sid);
  setAccounts(tools, request, reply, { active: outcome, others: outcome.others });
  if (outcome.deviceCookie !== undefined) tools.cookies.set(reply, 'device', outcome.deviceCookie);
  return seeOther(tools, reply, nextOf(fields));
}

/** Where a sign-in leads. */
export function nextOf(fields: FormCall['fields']): string {
  const carried = carriedIn(fields);
  return carried.interaction === undefined
    ? onwardPath(carried.onward)
    : `/authorize/resume${carriedQuery(carried)}`;
}
