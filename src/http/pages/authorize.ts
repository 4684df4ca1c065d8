/** The authorization endpoint: called by a browser, so its errors are pages. RFC 6749 §3.1 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OAuthError } from '../../oauth/errors.ts';
import {
  type AuthorizationOutcome,
  authorization,
  resumeAuthorization,
} from '../../oauth/requests/authorization.ts';
import { bodyPairs, queryPairs } from '../form.ts';
import { noStore } from '../headers.ts';
import { sourceOf } from '../request-source.ts';
import { browserOf, CARRIED, carriedQuery, type Page, seeOther, seeStep, showPage } from './page.ts';
import { ownQuery } from './query.ts';
import { fromAnywhere } from './submission.ts';
import type { PageTools } from './tools.ts';

function callOf(tools: PageTools, request: FastifyRequest) {
  return { source: sourceOf(tools, request), ...browserOf(tools, request) };
}

/** Query and body together, so that a parameter in both is seen as repeated (A012). */
async function authorize(
  tools: PageTools,
  request: FastifyRequest,
  reply: FastifyReply,
  method: 'GET' | 'POST',
): Promise<FastifyReply> {
  const pairs = [...queryPairs(request.url), ...bodyPairs(request.body)];
  refuseScript(request);
  return send(tools, reply, await authorization(tools, { method, pairs, ...callOf(tools, request) }));
}

/** Where a browser goes, rather than what a page loads. https://www.w3.org/TR/fetch-metadata/#sec-fetch-dest-header */
const GOING: readonly string[] = ['document', 'iframe', 'frame', 'object', 'embed'];

/**
 * A page of a stranger may ask here by script, without seeing the answer, for as long as it is open: each would be a
 * sign-in that is begun and stored for the person's address. Browsers say so, and no page can change that.
 */
function refuseScript({ headers }: FastifyRequest): void {
  const destination = headers['sec-fetch-dest'];
  if (typeof destination !== 'string' || GOING.includes(destination)) return;
  const description =
    'this address is for a window or a frame to go to; a page asked for it as something to load';
  throw new OAuthError('invalid_request', 'no_navigation', description, { status: 403 });
}

/** Where an app sends the browser to sign somebody in. RFC 6749 §3.1, OpenID Connect Core §3.1.2 */
export const authorizePage: Page = {
  path: '/authorize',
  metadata: 'authorization_endpoint',
  show: (tools, request, reply) => authorize(tools, request, reply, 'GET'),
  // An app may send its request by POST; what follows asks the person.
  submit: fromAnywhere((tools, request, reply) => authorize(tools, request, reply, 'POST')),
};

/** Where every page of an authorization ends. */
export const resumePage: Page = {
  path: '/authorize/resume',
  query: CARRIED,
  async show(tools, request, reply) {
    const { interaction = '' } = ownQuery(tools, request);
    return send(tools, reply, await resumeAuthorization(tools, { interaction, ...callOf(tools, request) }));
  },
};

function send(tools: PageTools, reply: FastifyReply, outcome: AuthorizationOutcome): FastifyReply {
  if (outcome.kind === 'redirect') return noStore(reply).redirect(outcome.location, 303);
  if (outcome.kind === 'form_post')
    return showPage(tools, reply, 'form-post', { ...outcome, isOnce: true }, true);
  if (outcome.kind === 'own_page') return seeOther(tools, reply, outcome.path);
  if (outcome.kind === 'resume') return seeOther(tools, reply, `/authorize/resume${carriedQuery(outcome)}`);
  return seeStep(tools, reply, outcome);
}
