/** Checks a request's head, before its URL or its body is read. RFC 9110, RFC 9112 */

import type { IncomingMessage } from 'node:http';
import { type Checked, PASSED } from '../lib/outcome.ts';
import type { Reason } from '../lib/refusal-reason.ts';
import { OAuthError } from '../oauth/errors.ts';

/** Node silently drops headers above its own limit, so that limit is one more than this. */
export const MOST_HEADERS = 100;

/**
 * Headers that decide something and have one value. Of two, Node keeps the first or joins them; a proxy or filter before us
 * may have used the other one.
 */
const SINGLE_VALUED: ReadonlySet<string> = new Set([
  'authorization',
  'content-encoding',
  'content-length',
  'content-type',
  'dpop',
  'expect',
  'host',
  'origin',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'transfer-encoding',
]);

/** Node's parser also accepts the request line of HTTP/0.9, which has no headers, and of 2.0, which has no such line. */
const VERSIONS: ReadonlySet<string> = new Set(['1.0', '1.1']);

/** Refuses with the first fault of the request's head. */
export function checkHead({ rawHeaders, headers, httpVersion }: IncomingMessage): Checked<OAuthError> {
  // RFC 9110 §15.6.6
  if (!VERSIONS.has(httpVersion))
    return malformed('unknown_http_version', `HTTP/${httpVersion} is not spoken here; send HTTP/1.1`, 505);
  if (rawHeaders.length > 2 * MOST_HEADERS)
    return malformed('too_many_headers', `more than ${MOST_HEADERS} headers were sent`, 431);
  // Most requests repeat no header, which the number of names in Node's object shows.
  const isEachOnce = rawHeaders.length === 2 * Object.keys(headers).length;
  const repeated = isEachOnce ? undefined : findRepeated(rawHeaders);
  if (repeated !== undefined)
    return malformed('repeated_header', `the request has two ${repeated} headers; send one`);
  // RFC 9112 §6.1: 501 for a transfer coding that the server does not understand.
  if (!isAbsentOr(headers['transfer-encoding'], 'chunked'))
    return malformed(
      'unknown_transfer_coding',
      'Transfer-Encoding is not chunked, which alone is taken',
      501,
    );
  return httpVersion === '1.1' ? checkHeadOf11(headers) : checkHeadOf10(headers);
}

/** RFC 9112 §6.1: faulty framing, since a proxy of HTTP/1.0 does not see where such a body ends. */
function checkHeadOf10(headers: IncomingMessage['headers']): Checked<OAuthError> {
  if (headers['transfer-encoding'] === undefined) return PASSED;
  return malformed('malformed_request', 'HTTP/1.0 has no Transfer-Encoding; send Content-Length');
}

function checkHeadOf11({ host, expect }: IncomingMessage['headers']): Checked<OAuthError> {
  // RFC 9112 §3.2
  if (host === undefined)
    return malformed('missing_host', 'the request has no Host header; send the host of the address with it');
  // RFC 9110 §10.1.1
  if (!isAbsentOr(expect, '100-continue'))
    return malformed('unknown_expectation', 'Expect is not 100-continue, which alone is met', 417);
  return PASSED;
}

function findRepeated(rawHeaders: readonly string[]): string | undefined {
  const seen: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]?.toLowerCase() ?? '';
    if (!SINGLE_VALUED.has(name)) continue;
    if (seen.includes(name)) return name;
    seen.push(name);
  }
  return undefined;
}

function isAbsentOr(value: string | undefined, wanted: string): boolean {
  return value === undefined || value.trim().toLowerCase() === wanted;
}

function malformed(reason: Reason, description: string, status = 400): OAuthError {
  return new OAuthError('invalid_request', reason, description, { status });
}
