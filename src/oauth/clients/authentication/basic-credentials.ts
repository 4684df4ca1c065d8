import type { Authorization } from '../../authorization-header.ts';
import { boundValue } from '../../parameters.ts';
import type { Credentials } from './method.ts';

/** The alphabet of base64; token68 allows that of base64url beside it. RFC 7617 §2 */
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * RFC 6749 §2.3.1: base64 of the form-encoded client_id, a colon, the form-encoded client_secret. Many libraries leave
 * the encoding out, so the secret is also taken as it came; the client_id is not, so that it has one spelling.
 */
export function parseBasic(authorization: Authorization | undefined): Credentials['basic'] {
  if (authorization?.scheme !== 'basic') return undefined;
  const encoded = authorization.token68 ?? '';
  if (!BASE64.test(encoded)) return 'malformed';
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0 || /[\p{Cc}\ufffd]/u.test(text)) return 'malformed';
  const client_id = decodeForm(text.slice(0, colon));
  if (client_id === undefined) return 'malformed';
  const sent = boundValue('client_secret', text.slice(colon + 1));
  const decoded = decodeForm(sent);
  return { client_id, secrets: decoded === undefined || decoded === sent ? [sent] : [decoded, sent] };
}

function decodeForm(text: string): string | undefined {
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
