import { parseAuthorization } from '../../authorization-header.ts';
import type { Credentials } from './method.ts';

/** The alphabet of base64; token68 allows that of base64url beside it. RFC 7617 §2 */
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** RFC 6749 §2.3.1: base64 of the form-encoded client_id, a colon, the form-encoded client_secret. */
export function parseBasic(header: string | undefined): Credentials['basic'] {
  const authorization = parseAuthorization(header);
  if (authorization?.scheme !== 'basic') return undefined;
  const encoded = authorization.token68 ?? '';
  if (!BASE64.test(encoded)) return 'malformed';
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0 || /[\p{Cc}\ufffd]/u.test(text)) return 'malformed';
  try {
    return { client_id: decodeForm(text.slice(0, colon)), client_secret: decodeForm(text.slice(colon + 1)) };
  } catch {
    return 'malformed';
  }
}

function decodeForm(text: string): string {
  return /[%+]/.test(text) ? decodeURIComponent(text.replaceAll('+', ' ')) : text;
}
