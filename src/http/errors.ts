/** An error that is met before it is known which endpoint it is. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PageContext } from './context.ts';
import { toOAuthError } from './error-conversion.ts';
import { sendJsonError } from './errors-json.ts';
import { sendErrorPage } from './errors-page.ts';

/** JSON for machines, a page for people. */
export function sendError(
  request: FastifyRequest,
  reply: FastifyReply,
  context: PageContext,
  thrown: unknown,
): FastifyReply {
  const error = toOAuthError(thrown, context.log, request.id);
  const wantsPage = (request.headers.accept ?? '').includes('text/html');
  return wantsPage ? sendErrorPage(reply, context, error) : sendJsonError(reply, error);
}
