/** The only place that writes a JSON error. RFC 6749 §5.2 */
import { STATUS_CODES } from 'node:http';
import type { FastifyReply } from 'fastify';
import { descriptionText, type OAuthError } from '../oauth/errors.ts';
import { noStore } from './response-headers.ts';

/** Sends the error with its status, its WWW-Authenticate and Retry-After where it has them, and Cache-Control: no-store. */
export function sendJsonError(reply: FastifyReply, error: OAuthError): FastifyReply {
  if (error.challenge !== undefined) reply.header('www-authenticate', error.challenge);
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(error.retryAfterSeconds));
  return noStore(reply).code(error.status).type('application/json').send(bodyOf(error));
}

/** A whole HTTP/1.1 answer, for a socket whose request could not be parsed; it ends the connection. */
export function jsonErrorText(error: OAuthError, headers: Readonly<Record<string, string>>): string {
  const body = bodyOf(error);
  const lines = Object.entries({
    ...headers,
    'cache-control': 'no-store',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}\r\n${lines.join('')}\r\n${body}`;
}

function bodyOf({ error, description }: OAuthError): string {
  return JSON.stringify({ error, error_description: descriptionText(description) });
}
