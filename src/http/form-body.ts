/** Form bodies as ordered pairs. RFC 6749 §3.2, appendix B */

import { isAscii, isUtf8 } from 'node:buffer';
import { EventEmitter } from 'node:events';
import type { Readable } from 'node:stream';
import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { OAuthError } from '../oauth/errors.ts';
import type { Pair } from '../oauth/parameters.ts';
import { type Body, LIMIT_BYTES, readBody, wrongCharset } from './read-and-check-request-body.ts';
import { notUtf8, parsePairs } from './urlencoded-pairs.ts';

export const FORM_TYPE = 'application/x-www-form-urlencoded';

/** Methods whose body Fastify leaves alone. RFC 9110 §9.3.1, §9.3.2 */
const WITHOUT_BODY: readonly string[] = ['GET', 'HEAD'];

/** Accepts form bodies; any other type is 415. `request.body` is then the list of pairs. */
export function acceptForms(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addHook('preParsing', readForm);
  // Its type expects an object, but the body becomes whatever the parser returns.
  const parser = (text: string) => parsePairs(text) as unknown as Record<string, unknown>;
  app.register(formbody, { parser, bodyLimit: LIMIT_BYTES });
}

/** Runs before formbody, which would keep every piece and replace what is not UTF-8 by U+FFFD. */
function readForm(
  request: FastifyRequest,
  reply: FastifyReply,
  _payload: unknown,
  done: (refusal: OAuthError | null, payload?: Readable) => void,
): void {
  if (WITHOUT_BODY.includes(request.method) || request.mediaType !== FORM_TYPE) return void done(null);
  readBody(request.raw, (read) => {
    const body = read instanceof OAuthError ? read : inUtf8(read);
    if (!(body instanceof OAuthError)) return done(null, new ReadBody(body.bytes) as unknown as Readable);
    // As Fastify does when a parser refuses: the rest of the connection is not read.
    reply.header('connection', 'close');
    done(body);
  });
}

/**
 * A body that was read, as far as Fastify asks a stream for it. A whole Readable for each request costs as much as parsing
 * its parameters.
 */
class ReadBody extends EventEmitter {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    super();
    this.#bytes = bytes;
  }

  resume(): void {
    if (this.#bytes.length > 0) this.emit('data', this.#bytes);
    this.emit('end');
  }
}

/** RFC 6749 appendix B: UTF-8. Apache's HttpClient says ISO-8859-1 by default and sends ASCII, which is both. */
function inUtf8(body: Body): Body | OAuthError {
  const { bytes, otherCharset } = body;
  if (isAscii(bytes)) return body;
  if (otherCharset !== undefined) return wrongCharset(otherCharset);
  return isUtf8(bytes) ? body : notUtf8();
}

/** The pairs of a body that {@link acceptForms} parsed; none where there was no body. */
export function bodyPairs(body: unknown): readonly Pair[] {
  return Array.isArray(body) ? (body as readonly Pair[]) : [];
}

/** The fields of a page's own form; of a repeated field the last, since nothing here depends on the order. */
export function formFields(body: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(bodyPairs(body));
}
