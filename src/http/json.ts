/** JSON bodies. RFC 8259 */
import type { FastifyInstance } from 'fastify';
import { parseJson } from '../lib/json-text.ts';
import { OAuthError } from '../oauth/errors.ts';

export const JSON_TYPE = 'application/json';

/** Takes JSON bodies and nothing else; anything else is 415. */
export function acceptJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(JSON_TYPE, { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parseJson(body as string));
    } catch {
      const wanted =
        'the body must be well-formed JSON, at most 32 levels deep, with each name once in an object';
      done(new OAuthError('invalid_request', 'malformed_json', wanted));
    }
  });
}
