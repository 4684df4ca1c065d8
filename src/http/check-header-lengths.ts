/** The maximum lengths of the headers that this server reads. Node limits all headers together (16 kB). */
import type { IncomingHttpHeaders } from 'node:http';
import { type Checked, PASSED } from '../lib/outcome.ts';
import { OAuthError } from '../oauth/errors.ts';

const NAME_LENGTH = 256;
const LIST_LENGTH = 2048;

/** Cookies have no row: other apps of the host may set any number of them, and the user cannot change that. */
const LONGEST = Object.entries({
  // One of our tokens, or a client_id and a secret, encoded twice.
  authorization: 8192,
  // A DNS name has 253 characters.
  host: 512,
  origin: 512,
  'content-type': NAME_LENGTH,
  'content-encoding': NAME_LENGTH,
  'sec-fetch-site': NAME_LENGTH,
  'sec-fetch-dest': NAME_LENGTH,
  'user-agent': LIST_LENGTH,
  accept: LIST_LENGTH,
  'accept-language': LIST_LENGTH,
  'if-none-match': LIST_LENGTH,
  'x-forwarded-for': LIST_LENGTH,
});

/** Refuses the first header that is too long. Called before any other code reads a header. RFC 6585 §5 */
export function checkHeaderLengths(headers: IncomingHttpHeaders): Checked<OAuthError> {
  for (const [name, longest] of LONGEST) {
    const { length } = headers[name] ?? '';
    if (length <= longest) continue;
    const description = `the header ${name} has ${length} characters; ${longest} are the most that it may have`;
    return new OAuthError('invalid_request', 'header_too_long', description, { status: 431 });
  }
  return PASSED;
}
