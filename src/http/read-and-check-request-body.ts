/** The rules for every request body, whatever its content: length, type, coding, charset. RFC 9110 §8.3, §8.4 */

import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { type Checked, PASSED } from '../lib/outcome.ts';
import type { Reason } from '../lib/refusal-reason.ts';
import { OAuthError } from '../oauth/errors.ts';

export const LIMIT_BYTES = 65_536;
/** close-connection-on-long-body.ts closes the connection after some hundred more. */
const MOST_PIECES = 1536;
const FIRST_BYTES = 512;
const LONGEST_SHOWN = 40;

export interface Body {
  readonly bytes: Buffer;
  /** The charset that Content-Type names, where it is not UTF-8. */
  readonly otherCharset: string | undefined;
}

/** Takes bodies of one type; anything else is 415. */
export function acceptBodies(app: FastifyInstance, type: string, parse: (body: Body) => unknown): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(type, (_request, payload, done) => {
    readBody(payload, (body) => {
      if (body instanceof OAuthError) return done(body);
      try {
        done(null, parse(body));
      } catch (refusal) {
        done(refusal as Error);
      }
    });
  });
}

/** Reads the whole body; calls `done` with a refusal if it is too long, has a Content-Encoding, or is incomplete. */
export function readBody(payload: IncomingMessage, done: (body: Body | OAuthError) => void): void {
  readBytes(payload, (refusal, bytes) => {
    const { headers } = payload;
    const body = { bytes, otherCharset: otherCharset(headers['content-type']) };
    if (refusal) return done(refusal);
    const coding = checkCoding(headers['content-encoding']);
    done(coding === PASSED ? body : coding);
  });
}

/** Copies each piece, so that it can be freed: a piece of one byte takes a hundred bytes and more. */
function readBytes(
  payload: IncomingMessage,
  done: (refusal: OAuthError | undefined, bytes: Buffer) => void,
): void {
  let bytes = Buffer.alloc(0) as Buffer;
  let length = 0;
  let pieces = 0;

  function end(refusal?: OAuthError): void {
    payload.off('data', take).off('end', end).off('error', fail);
    done(refusal, bytes.subarray(0, length));
  }
  const fail = () => end(malformed('body_not_sent', 'the connection ended before the body did'));
  function take(piece: Buffer): void {
    pieces += 1;
    const size = checkSize(length + piece.length, pieces);
    if (size !== PASSED) return void end(size);
    bytes = grown(bytes, length, length + piece.length);
    length += piece.copy(bytes, length);
  }

  const announced = checkSize(Number(payload.headers['content-length'] ?? 0), 0);
  if (announced !== PASSED) end(announced);
  else payload.on('data', take).on('end', end).on('error', fail);
}

function checkSize(bytes: number, pieces: number): Checked<OAuthError> {
  if (bytes > LIMIT_BYTES) return malformed('too_large', 'the body is larger than 64 kB', 413);
  if (pieces <= MOST_PIECES) return PASSED;
  const advice = 'send it at once, or in chunks of a kilobyte and more';
  return malformed('too_many_pieces', `the body came in more than ${MOST_PIECES} pieces; ${advice}`);
}

/** The same bytes in a buffer of at least `needed` bytes. Its size doubles, so that few bytes are copied twice. */
function grown(bytes: Buffer, length: number, needed: number): Buffer {
  if (needed <= bytes.length) return bytes;
  const larger = Buffer.allocUnsafe(Math.max(needed, 2 * bytes.length, FIRST_BYTES));
  bytes.copy(larger, 0, 0, length);
  return larger;
}

/** 415: the body is in a charset that is not accepted. */
export function wrongCharset(charset: string): OAuthError {
  return malformed('wrong_charset', `the body is said to be in charset ${charset}; send it as UTF-8`, 415);
}

function checkCoding(coding: string | undefined): Checked<OAuthError> {
  if (coding === undefined || coding.trim().toLowerCase() === 'identity') return PASSED;
  const description = `the body is sent with Content-Encoding ${coding.slice(0, LONGEST_SHOWN)}; send it as it is, without one`;
  return malformed('encoded_body', description, 415);
}

function malformed(reason: Reason, description: string, status = 400): OAuthError {
  return new OAuthError('invalid_request', reason, description, { status });
}

/** Looks at every charset parameter: if two differ, one of them is not UTF-8. */
function otherCharset(contentType = ''): string | undefined {
  for (const parameter of contentType.split(';').slice(1)) {
    const [name = '', value = ''] = parameter.split('=', 2);
    if (name.trim().toLowerCase() !== 'charset') continue;
    const charset = value.trim().replace(/^"(.*)"$/, '$1');
    if (!/^utf-?8$/i.test(charset)) return charset.slice(0, LONGEST_SHOWN);
  }
  return undefined;
}
