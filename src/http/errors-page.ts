/** The only place that writes an error page: what happened, what to do, a request id. */
import type { FastifyReply } from 'fastify';
import type { OAuthError } from '../oauth/errors.ts';
import { noStore, pagePolicy } from './headers.ts';
import type { Renderer } from './render.ts';

/** Titles and advice of their own, by reason; everything else has the general ones. */
const OWN_TEXTS: Readonly<Record<string, string>> = {
  invalid_redirect_uri: 'redirect',
  unknown_client: 'client',
  client_disabled: 'client',
  foreign_interaction: 'foreign',
  unknown_interaction: 'over',
  interaction_expired: 'over',
  interaction_completed: 'over',
  csrf: 'csrf',
  not_found: 'missing',
  busy: 'busy',
  unexpected: 'unexpected',
};

export function sendErrorPage(reply: FastifyReply, renderer: Renderer, error: OAuthError): FastifyReply {
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(error.retryAfterSeconds));
  const kind = OWN_TEXTS[error.reason] ?? 'other';
  const { error: code, description: message } = error;
  return noStore(reply)
    .code(error.status === 401 ? 400 : error.status)
    .header('content-security-policy', pagePolicy({ leavesOrigin: false }))
    .type('text/html; charset=utf-8')
    .send(renderer.page('error', { code, kind, message, requestId: reply.request.id }));
}
