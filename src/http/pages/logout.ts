/** OpenID Connect RP-Initiated Logout 1.0, as a page. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  findBrowserSessions,
  listBrowserSessions,
} from '../../identity/sessions/several-sessions-in-browser.ts';
import { findUser } from '../../identity/users/users.ts';
import type { Pair } from '../../oauth/parameters.ts';
import { endSession, shortenPairs } from '../../oauth/requests/end-session.ts';
import { bodyPairs, formFields } from '../form-body.ts';
import { sourceOf } from '../request-source.ts';
import { queryPairs } from '../urlencoded-pairs.ts';
import { fromAnywhere } from './accept-own-form-or-any-post.ts';
import { browserOf } from './browser-session-cookies.ts';
import { checkForm } from './check-own-form.ts';
import { logoutParameters, QUERY, queryOf } from './logout-parameters.ts';
import { seeOther } from './redirect.ts';
import { showForm } from './show-page-or-form.ts';
import { SIGNED_OUT, showSignedOut } from './signed-out.ts';
import type { PageTools } from './tools-given-to-pages.ts';
import { openToEverybody } from './who-may-open-page.ts';

/** Where an app, or the user, signs out. OpenID Connect RP-Initiated Logout §2 */
export const logoutPage = openToEverybody({
  path: '/logout',
  metadata: 'end_session_endpoint',
  query: QUERY,

  show: (tools, request, reply) =>
    answer(tools, request, reply, { pairs: queryPairs(request.url), isConfirmed: false }),

  submit: fromAnywhere(async (tools, request, reply) => {
    const pairs = logoutParameters(bodyPairs(request.body));
    const fields = formFields(request.body);
    const [anySession] = listBrowserSessions(await findBrowserSessions(tools, browserOf(tools, request)));
    // §2: a POST from an app's own page. It has no cookie (SameSite=Lax), so the browser is redirected to send it by GET.
    const isOfApp = fields.csrf === undefined && (anySession === undefined || pairs.length > 0);
    if (isOfApp) return seeOther(tools, reply, `/logout${queryOf(await shortenPairs(tools, pairs))}`);
    if (anySession) checkForm(tools, request, fields, 'logout');
    return answer(tools, request, reply, { pairs, isConfirmed: true });
  }),
});

async function answer(
  tools: PageTools,
  request: FastifyRequest,
  reply: FastifyReply,
  asked: { pairs: readonly Pair[]; isConfirmed: boolean },
): Promise<FastifyReply> {
  const source = sourceOf(tools, request);
  const outcome = await endSession(tools, { ...asked, ...browserOf(tools, request), source });
  const uiLocales = asked.pairs.find(([name]) => name === 'ui_locales')?.[1].slice(0, 256);
  if (outcome.kind === 'ended') {
    const path = `${SIGNED_OUT}${queryOf(await shortenPairs(tools, logoutParameters(asked.pairs)))}`;
    const { target, frames } = outcome;
    return showSignedOut(tools, request, reply, { ...target, frames, uiLocales, path });
  }
  const user = await findUser(tools, outcome.session.sub);
  const parameters = logoutParameters(outcome.parameters);
  return showForm(tools, request, reply, {
    view: 'logout',
    purpose: 'logout',
    data: { username: user?.username ?? '', parameters },
    leavesOrigin: parameters.some(([name]) => name === 'post_logout_redirect_uri'),
  });
}
