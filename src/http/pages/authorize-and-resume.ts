/** The authorization endpoint: called by a browser, so its errors are pages. RFC 6749 §3.1 */

import type { FastifyReply, FastifyRequest } from 'fastify';
import { OAuthError } from '../../oauth/errors.ts';
import {
  type AuthorizationOutcome,
  authorization,
  resumeAuthorization,
} from '../../oauth/requests/authorization.ts';
import { bodyPairs } from '../form-body.ts';
import { sourceOf } from '../request-source.ts';
import { noStore } from '../response-headers.ts';
import { queryPairs } from '../urlencoded-pairs.ts';
import { fromAnywhere } from './accept-own-form-or-any-post.ts';
import { browserOf } from './browser-session-cookies.ts';
import { ownQuery } from './declared-query-parameters.ts';
import { carriedQuery } from './interaction-in-urls-and-forms.ts';
import { leaveNotice } from './notice-cookie.ts';
import { seeOther, seeStep } from './redirect.ts';
import { showPage } from './show-page-or-form.ts';
import type { PageTools } from './tools-given-to-pages.ts';
import { openToEverybody, pageOfInteraction } from './who-may-open-page.ts';

function callOf(tools: PageTools, request: FastifyRequest) {
  return { source: sourceOf(tools, request), ...browserOf(tools, request) };
}

/** Reads query and body together, so that a parameter in both counts as repeated (A012). */
async function authorize(
  tools: PageTools,
  request: FastifyRequest,
  reply: FastifyReply,
  method: 'GET' | 'POST',
): Promise<FastifyReply> {
  const pairs = [...queryPairs(request.url), ...bodyPairs(request.body)];
  refuseSubresource(request);
  return send(tools, reply, await authorization(tools, { method, pairs, ...callOf(tools, request) }));
}

/** Destinations of a navigation, as opposed to a subresource. https://www.w3.org/TR/fetch-metadata/#sec-fetch-dest-header */
const NAVIGATIONS: readonly string[] = ['document', 'iframe', 'frame', 'object', 'embed'];

/**
 * A script of another site can send requests here as long as its page is open, without seeing the answers; each would start
 * and store a sign-in for the user's address. The browser names the destination, and no page can change that header.
 */
function refuseSubresource({ headers }: FastifyRequest): void {
  const destination = headers['sec-fetch-dest'];
  if (typeof destination !== 'string' || NAVIGATIONS.includes(destination)) return;
  const description =
    'this address is for a window or a frame to go to; a page asked for it as something to load';
  throw new OAuthError('invalid_request', 'no_navigation', description, { status: 403 });
}

/** Where an app sends the browser to sign a user in. RFC 6749 §3.1, OpenID Connect Core §3.1.2 */
export const authorizePage = openToEverybody({
  path: '/authorize',
  metadata: 'authorization_endpoint',
  show: (tools, request, reply) => authorize(tools, request, reply, 'GET'),
  // An app may send its request by POST; the pages that follow ask the user.
  submit: fromAnywhere((tools, request, reply) => authorize(tools, request, reply, 'POST')),
});

/** Where every page of an authorization ends. */
export const resumePage = pageOfInteraction({
  path: '/authorize/resume',
  async show(tools, request, reply) {
    const { interaction = '' } = ownQuery(tools, request);
    return send(tools, reply, await resumeAuthorization(tools, { interaction, ...callOf(tools, request) }));
  },
});

function send(tools: PageTools, reply: FastifyReply, outcome: AuthorizationOutcome): FastifyReply {
  if (outcome.kind === 'redirect') return noStore(reply).redirect(outcome.location, 303);
  if (outcome.kind === 'form_post')
    return showPage(tools, reply, 'form-post', { ...outcome, isOnce: true }, true);
  if (outcome.kind === 'own_page') {
    if (outcome.notice !== undefined)
      leaveNotice(tools, reply, { notices: [outcome.notice] }, outcome.notice);
    return seeOther(tools, reply, outcome.path);
  }
  if (outcome.kind === 'resume') return seeOther(tools, reply, `/authorize/resume${carriedQuery(outcome)}`);
  return seeStep(tools, reply, outcome);
}
