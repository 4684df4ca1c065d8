/** JSON bodies. RFC 8259 */
import type { FastifyInstance } from 'fastify';
import { JsonError, parseJsonBytes } from '../lib/parse-untrusted-json.ts';
import { OAuthError } from '../oauth/errors.ts';
import { acceptBodies, type Body, wrongCharset } from './read-and-check-request-body.ts';

export const JSON_TYPE = 'application/json';

/** Accepts JSON bodies; any other type is 415. */
export function acceptJson(app: FastifyInstance): void {
  acceptBodies(app, JSON_TYPE, parseBody);
}

function parseBody({ bytes, otherCharset }: Body): unknown {
  // RFC 8259 §8.1: UTF-8, and no charset parameter is defined.
  if (otherCharset !== undefined) throw wrongCharset(otherCharset);
  // Libraries that set the type once for an API send it with a DELETE too. An endpoint that needs a body refuses undefined.
  if (bytes.length === 0) return undefined;
  try {
    return parseJsonBytes(bytes);
  } catch (error) {
    if (error instanceof JsonError) throw new OAuthError('invalid_request', error.reason, error.message);
    throw error;
  }
}
