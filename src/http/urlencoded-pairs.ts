/** Form bodies and query strings as ordered pairs. RFC 6749 appendix B */

import { isAscii } from 'node:buffer';
import type { Reason } from '../lib/refusal-reason.ts';
import { decodeUtf8 } from '../lib/utf8.ts';
import { OAuthError } from '../oauth/errors.ts';
import { boundValue, type Pair } from '../oauth/parameters.ts';

const LONGEST_LIST = 100;

/** Throws OAuthError invalid_request where the text is not well-formed or holds too much. */
export function parsePairs(text: string): readonly Pair[] {
  if (text === '') return [];
  const parts = text.split('&');
  if (parts.length > LONGEST_LIST)
    throw malformed('too_many_parameters', 'more than 100 parameters were sent');
  return parts.filter((part) => part !== '').map(parsePair);
}

/** The query of a URL as it came over the wire. */
export function queryPairs(url: string): readonly Pair[] {
  const start = url.indexOf('?');
  // Node gives each byte above 127 as one character; together they must be UTF-8, as in a body.
  return start < 0 ? [] : parsePairs(decode(Buffer.from(url.slice(start + 1), 'latin1')));
}

function parsePair(part: string): Pair {
  const equals = part.indexOf('=');
  const name = decodeText(equals < 0 ? part : part.slice(0, equals));
  const value = equals < 0 ? '' : decodeText(part.slice(equals + 1));
  if (name.includes('\0') || value.includes('\0'))
    throw malformed('nul_character', 'a parameter holds a NUL character');
  return [name, boundValue(name, value)];
}

/** Text without a percent sign or a plus needs no decoding. */
const ENCODED = /[%+]/;

function decodeText(text: string): string {
  if (!ENCODED.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw malformed('malformed_encoding', 'a parameter is not well-formed percent-encoded UTF-8');
  }
}

function decode(body: Buffer): string {
  if (isAscii(body)) return body.toString('latin1');
  try {
    return decodeUtf8(body);
  } catch {
    throw notUtf8();
  }
}

/** 400: a body or a query that is not UTF-8. RFC 6749 appendix B */
export function notUtf8(): OAuthError {
  return malformed('malformed_encoding', 'the parameters are not UTF-8');
}

function malformed(reason: Reason, description: string): OAuthError {
  return new OAuthError('invalid_request', reason, description);
}
