/** The page after signing out. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  findBrowserSessions,
  listBrowserSessions,
} from '../../identity/sessions/several-sessions-in-browser.ts';
import { endSession } from '../../oauth/requests/end-session.ts';
import type { LogoutTarget } from '../../oauth/requests/logout-target.ts';
import { framesPolicy } from '../content-security-policy.ts';
import { sourceOf } from '../request-source.ts';
import { queryPairs } from '../urlencoded-pairs.ts';
import { browserOf, setBrowserSessions } from './browser-session-cookies.ts';
import { logoutParameters, QUERY, queryOf } from './logout-parameters.ts';
import { seeOther } from './redirect.ts';
import { showPage } from './show-page-or-form.ts';
import type { PageTools } from './tools-given-to-pages.ts';
import { openToEverybody } from './who-may-open-page.ts';

/** The path of the page that confirms the sign-out. */
export const SIGNED_OUT = '/signed-out';

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
