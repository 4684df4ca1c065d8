/** What is wrong with a request before its address or its body is looked at. RFC 9110, RFC 9112 */

import type { IncomingMessage } from 'node:http';
import { type Checked, PASSED } from '../lib/outcome.ts';
import type { Reason } from '../lib/reason.ts';
import { OAuthError } from '../oauth/errors.ts';

/** Node leaves out what is above its own limit without a word, so that limit is one more. */
export const MOST_HEADERS = 100;

/**
 * What decides something and is one value. Node keeps the first of two, or joins them; a proxy or a filter in front
 * may have looked at the other one.
 */
const SINGLE: ReadonlySet<string> = new Set([
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

/** Node's parser takes the line of 0.9, which has no headers, and that of 2.0, which has no such line, as well. */
const VERSIONS: ReadonlySet<string> = new Set(['1.0', '1.1']);

/** The first fault of its head. */
export function checkHead({ rawHeaders, headers, httpVersion }: IncomingMessage): Checked<OAuthError> {
  // RFC 9110 §15.6.6
  if (!VERSIONS.has(httpVersion))
    return malformed('unknown_http_version', `HTTP/${httpVersion} is not spoken here; send HTTP/1.1`, 505);
  if (rawHeaders.length > 2 * MOST_HEADERS)
    return malformed('too_many_headers', `more than ${MOST_HEADERS} headers were sent`, 431);
  // Most requests have no name twice, and Node has counted.
  const isEachOnce = rawHeaders.length === 2 * Object.keys(headers).length;
  const repeated = isEachOnce ? undefined : findRepeated(rawHeaders);
  if (repeated !== undefined)
    return malformed('repeated_header', `the request has two ${repeated} headers; send one`);
  // RFC 9112 §6.1: a coding that is not understood.
  if (!isAbsentOr(headers['transfer-encoding'], 'chunked'))
    return malformed(
      'unknown_transfer_coding',
      'Transfer-Encoding is not chunked, which alone is taken',
      501,
    );
  return httpVersion === '1.1' ? checkHeadOf11(headers) : checkHeadOf10(headers);
}

/** RFC 9112 §6.1: faulty framing, as a proxy that speaks 1.0 does not see where such a body ends. */
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
    if (!SINGLE.has(name)) continue;
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
