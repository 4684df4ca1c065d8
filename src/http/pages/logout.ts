/** OpenID Connect RP-Initiated Logout 1.0, as a page. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { findBrowserSessions, listBrowserSessions } from '../../identity/sessions/browser-sessions.ts';
import { findUser } from '../../identity/users/users.ts';
import type { Pair } from '../../oauth/parameters.ts';
import { endSession, shortenPairs } from '../../oauth/requests/end-session.ts';
import type { LogoutTarget } from '../../oauth/requests/logout-target.ts';
import { bodyPairs, formFields, queryPairs } from '../form.ts';
import { framesPolicy } from '../headers.ts';
import { sourceOf } from '../request-source.ts';
import { checkForm } from './form-check.ts';
import { browserOf, type Page, seeOther, setBrowserSessions, showForm, showPage } from './page.ts';
import { fromAnywhere } from './submission.ts';
import type { PageTools } from './tools.ts';

/** Says that they are signed out to those who are. */
export const SIGNED_OUT = '/signed-out';

/** What says where it goes on, and so is carried along when the language changes. */
const QUERY = ['id_token_hint', 'client_id', 'post_logout_redirect_uri', 'state'];
const PARAMETERS = [...QUERY, 'logout_hint', 'ui_locales'];

/** Where an app, or the person, signs out. OpenID Connect RP-Initiated Logout §2 */
export const logoutPage: Page = {
  path: '/logout',
  metadata: 'end_session_endpoint',
  query: QUERY,

  show: (tools, request, reply) =>
    answer(tools, request, reply, { pairs: queryPairs(request.url), isConfirmed: false }),

  submit: fromAnywhere(async (tools, request, reply) => {
    const pairs = ofLogout(bodyPairs(request.body));
    const fields = formFields(request.body);
    const [somebody] = listBrowserSessions(await findBrowserSessions(tools, browserOf(tools, request)));
    // §2: from an app's own page. Such a POST brings no cookie (SameSite=Lax), so it comes again by GET.
    const isOfApp = fields.csrf === undefined && (somebody === undefined || pairs.length > 0);
    if (isOfApp) return seeOther(tools, reply, `/logout${queryOf(await shortenPairs(tools, pairs))}`);
    if (somebody) checkForm(tools, request, fields, 'logout');
    return answer(tools, request, reply, { pairs, isConfirmed: true });
  }),
};

/** Without what is no parameter of it. */
function ofLogout(pairs: readonly Pair[]): readonly Pair[] {
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
    const path = `${SIGNED_OUT}${queryOf(await shortenPairs(tools, ofLogout(asked.pairs)))}`;
    const { target, frames } = outcome;
    return showSignedOut(tools, request, reply, { ...target, frames, uiLocales, path });
  }
  const user = await findUser(tools, outcome.session.sub);
  const parameters = ofLogout(outcome.parameters);
  return showForm(tools, request, reply, {
    view: 'logout',
    purpose: 'logout',
    data: { username: user?.username ?? '', parameters },
    leavesOrigin: parameters.some(([name]) => name === 'post_logout_redirect_uri'),
  });
}

/**
 * After the end of a session of this browser, which keeps those that live. The page tells the apps in frames, and then
 * goes on; without frames the browser goes on at once.
 */
export async function showSignedOut(
  tools: PageTools,
  request: FastifyRequest,
  reply: FastifyReply,
  told: LogoutTarget & {
    readonly frames: readonly string[];
    readonly uiLocales?: string | undefined;
    /** Where the page is to be had once more. */
    readonly path?: string;
  },
): Promise<FastifyReply> {
  const left = await findBrowserSessions(tools, browserOf(tools, request));
  setBrowserSessions(tools, request, reply, left);
  const { redirect, offered, fault, frames, uiLocales } = told;
  if (frames.length === 0 && offered === undefined && fault === undefined) {
    return redirect === undefined
      ? seeOther(tools, reply, `${SIGNED_OUT}${queryOf(uiLocales ? [['ui_locales', uiLocales]] : [])}`)
      : reply.header('cache-control', 'no-store').redirect(redirect, 303);
  }
  const isSomebodyLeft = listBrowserSessions(left).length > 0;
  const page = showPage(tools, reply, 'signed-out', { path: SIGNED_OUT, ...told, isSomebodyLeft });
  return page.header('content-security-policy', framesPolicy(frames));
}

/** As for somebody who is signed out already. */
async function findTarget(tools: PageTools, request: FastifyRequest): Promise<LogoutTarget> {
  const pairs = ofLogout(queryPairs(request.url));
  const outcome = await endSession(tools, { pairs, isConfirmed: true, source: sourceOf(tools, request) });
  return outcome.kind === 'ended' ? outcome.target : {};
}

/** Says that somebody is signed out, and where it goes on. */
export const signedOutPage: Page = {
  path: SIGNED_OUT,
  query: QUERY,
  async show(tools, request, reply) {
    const { active, others } = await findBrowserSessions(tools, browserOf(tools, request));
    // A page that was left open, or a second tab: it is not so any more.
    if (active) return seeOther(tools, reply, '/account');
    // In another language it says the same of where the app wanted to lead.
    const target = await findTarget(tools, request);
    return showPage(tools, reply, 'signed-out', { ...target, frames: [], isSomebodyLeft: others.length > 0 });
  },
};
