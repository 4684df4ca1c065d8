/** The only place that writes a JSON error. RFC 6749 §5.2 */
import type { FastifyReply } from 'fastify';
import type { OAuthError } from '../oauth/errors.ts';
import { noStore } from './headers.ts';

export function sendJsonError(reply: FastifyReply, error: OAuthError): FastifyReply {
  if (error.challenge !== undefined) reply.header('www-authenticate', error.challenge);
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(error.retryAfterSeconds));
  return noStore(reply)
    .code(error.status)
    .type('application/json')
    .send(JSON.stringify({ error: error.error, error_description: allowedText(error.description) }));
}

/** RFC 6749 §5.2: %x20-21 / %x23-5B / %x5D-7E */
function allowedText(text: string): string {
  return text.replaceAll('"', "'").replace(/[^\x20-\x21\x23-\x5B\x5D-\x7E]/g, '?');
}
