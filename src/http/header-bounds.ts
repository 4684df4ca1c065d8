/** How long the headers that anything here looks at may be. Node bounds all of them together (16 kB). */
import type { IncomingHttpHeaders } from 'node:http';
import { type Checked, PASSED } from '../lib/outcome.ts';
import { OAuthError } from '../oauth/errors.ts';

const NAME = 256;
const LIST = 2048;

/** Cookies have no row: other apps of the host may fill what Node lets through, and the person can do nothing about it. */
const LONGEST = Object.entries({
  // A token of ours, or a client_id and a secret, encoded twice.
  authorization: 8192,
  // A DNS name has 253 characters.
  host: 512,
  origin: 512,
  'content-type': NAME,
  'content-encoding': NAME,
  'sec-fetch-site': NAME,
  'sec-fetch-dest': NAME,
  'user-agent': LIST,
  accept: LIST,
  'accept-language': LIST,
  'if-none-match': LIST,
  'x-forwarded-for': LIST,
});

/** Asked before anything else looks at a header: the error, where one is longer than it may be. RFC 6585 §5 */
export function checkHeaderLengths(headers: IncomingHttpHeaders): Checked<OAuthError> {
  for (const [name, longest] of LONGEST) {
    const { length } = headers[name] ?? '';
    if (length <= longest) continue;
    const description = `the header ${name} has ${length} characters; ${longest} are the most that it may have`;
    return new OAuthError('invalid_request', 'header_too_long', description, { status: 431 });
  }
  return PASSED;
}
