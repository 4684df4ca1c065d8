/** Sends an error that occurs before the endpoint is known. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PageContext } from './context.ts';
import { toOAuthError } from './convert-to-oauth-error.ts';
import { sendJsonError } from './errors-json.ts';
import { sendErrorPage } from './send-error-page.ts';

/** Sends a page if the Accept header has text/html, otherwise JSON. */
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
