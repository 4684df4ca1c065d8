/** JSON bodies. RFC 8259 */
import type { FastifyInstance } from 'fastify';
import { OAuthError } from '../oauth/errors.ts';

export const JSON_TYPE = 'application/json';

/** Takes JSON bodies and nothing else; anything else is 415. */
export function acceptJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(JSON_TYPE, { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, JSON.parse(body as string));
    } catch {
      done(new OAuthError('invalid_request', 'malformed_json', 'the body is not well-formed JSON'));
    }
  });
}
