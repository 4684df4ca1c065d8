/** The answer to an unknown URL: mostly an endpoint that was typed by hand into an app's configuration. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Settings } from '../config/settings-schema.ts';
import { misspeltWord } from '../lib/nearest-word.ts';
import { shownText } from '../lib/shorten-and-escape-text.ts';
import { OAuthError } from '../oauth/errors.ts';
import type { PageContext } from './context.ts';
import { served } from './endpoints/index.ts';
import { sendError } from './errors-page-or-json.ts';

/**
 * Sends 404, as a page or as JSON by the Accept header. It names the endpoint that was probably meant, or else
 * discovery.
 */
export function sendNotFound(
  request: FastifyRequest,
  reply: FastifyReply,
  context: PageContext,
): FastifyReply {
  const path = pathOf(request);
  const description = `there is nothing at ${path}; ${suggestion(path, context.settings)}`;
  const options = { status: 404, about: { path } };
  return sendError(
    request,
    reply,
    context,
    new OAuthError('invalid_request', 'not_found', description, options),
  );
}

/** Without the query, which may hold secrets (G14). */
function pathOf({ url }: FastifyRequest): string {
  return shownText(url.replace(/[?#].*/s, ''));
}

/** Names the endpoint whose last segment is that of the path, or similar, whatever segments are before it. */
function suggestion(path: string, settings: Settings): string {
  const known = served(settings).map((one) => one.path);
  const name = nameOf(path);
  const nearest =
    known.find((one) => nameOf(one) === name) ?? known.find((one) => isNearly(name, nameOf(one)));
  if (nearest !== undefined) return `did you mean ${settings.issuer}${nearest}?`;
  return `${settings.issuer}/.well-known/openid-configuration says where everything is`;
}

const nameOf = (path: string): string => path.split('/').findLast((part) => part !== '') ?? '';

const isNearly = (name: string, known: string): boolean => misspeltWord(name, [known]) === known;
