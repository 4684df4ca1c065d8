/** OpenID Connect RP-Initiated Logout 1.0, as a page. */

import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  findBrowserSessions,
  listBrowserSessions,
} from '../../identity/sessions/several-sessions-in-browser.ts';
import { findUser } from '../../identity/users/users.ts';
import type { Pair } from '../../oauth/parameters.ts';
import { endSession, shortenPairs } from '../../oauth/requests/end-session.ts';
import type { LogoutTarget } from '../../oauth/requests/logout-target.ts';
import { bodyPairs, formFields } from '../form-body.ts';
import { sourceOf } from '../request-source.ts';
import { framesPolicy } from '../response-headers.ts';
import { queryPairs } from '../urlencoded-pairs.ts';
import { fromAnywhere } from './accept-own-form-or-any-post.ts';
import { browserOf, setBrowserSessions } from './browser-session-cookies.ts';
import { checkForm } from './check-own-form.ts';
import { seeOther } from './redirect.ts';
import { showForm, showPage } from './show-page-or-form.ts';
import type { PageTools } from './tools-given-to-pages.ts';
import { openToEverybody } from './who-may-open-page.ts';

/** The path of the page that confirms the sign-out. */
export const SIGNED_OUT = '/signed-out';

/** Parameters that decide where the user goes next, so they are kept when the language changes. */
const QUERY = ['id_token_hint', 'client_id', 'post_logout_redirect_uri', 'state'];
const PARAMETERS = [...QUERY, 'logout_hint', 'ui_locales'];

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

/** Without fields that are not logout parameters. */
function logoutParameters(pairs: readonly Pair[]): readonly Pair[] {
  return pairs.filter(([name]) => PARAMETERS.includes(name));
}

function queryOf(pairs: readonly Pair[]): string {
  return pairs.length === 0
    ? ''
    : `?${new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, value]))}`;
}

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

/**
 * Called after a session of this browser ended; its other live sessions stay. The page loads the logout URIs of the apps in
 * frames and then redirects the browser; without frames the browser is redirected at once.
 */
export async function showSignedOut(
  tools: PageTools,
  request: FastifyRequest,
  reply: FastifyReply,
  signedOut: LogoutTarget & {
    readonly frames: readonly string[];
    readonly uiLocales?: string | undefined;
    /** The path that shows the page again. */
    readonly path?: string;
  },
): Promise<FastifyReply> {
  const remaining = await findBrowserSessions(tools, browserOf(tools, request));
  setBrowserSessions(tools, request, reply, remaining);
  const { redirect, offered, fault, frames, uiLocales } = signedOut;
  if (frames.length === 0 && offered === undefined && fault === undefined) {
    return redirect === undefined
      ? seeOther(tools, reply, `${SIGNED_OUT}${queryOf(uiLocales ? [['ui_locales', uiLocales]] : [])}`)
      : reply.header('cache-control', 'no-store').redirect(redirect, 303);
  }
  const hasOtherSessions = listBrowserSessions(remaining).length > 0;
  const page = showPage(tools, reply, 'signed-out', { path: SIGNED_OUT, ...signedOut, hasOtherSessions });
  return page.header('content-security-policy', framesPolicy(frames));
}

/** The target of the logout request in the query, as for a user without a session. */
async function findTarget(tools: PageTools, request: FastifyRequest): Promise<LogoutTarget> {
  const pairs = logoutParameters(queryPairs(request.url));
  const outcome = await endSession(tools, { pairs, isConfirmed: true, source: sourceOf(tools, request) });
  return outcome.kind === 'ended' ? outcome.target : {};
}

/** Confirms that the user is signed out, with a link to where to go next. */
export const signedOutPage = openToEverybody({
  path: SIGNED_OUT,
  query: QUERY,
  async show(tools, request, reply) {
    const { active, others } = await findBrowserSessions(tools, browserOf(tools, request));
    // A page that was left open, or a second tab, while the user signed in again.
    if (active) return seeOther(tools, reply, '/account');
    // Shown in another language, it still has the link that the app asked for.
    const target = await findTarget(tools, request);
    return showPage(tools, reply, 'signed-out', {
      ...target,
      frames: [],
      hasOtherSessions: others.length > 0,
    });
  },
});
