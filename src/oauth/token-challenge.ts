/** What a token is good for by itself, in the words of an answer and of a challenge. RFC 6750 */
import { descriptionText, type OAuthErrorCode } from './errors.ts';

/** token_type, and the scheme that it is shown with: valid for every bearer of the token. RFC 6749 §7.1, RFC 6750 §2.1 */
export const BEARER = 'Bearer';

/** WWW-Authenticate. RFC 6750 §3.1: who showed no token learns no error. */
export function tokenChallenge(
  fault?: { readonly error: OAuthErrorCode; readonly description?: string },
  tokenType = BEARER,
): string {
  const realm = `${tokenType} realm="gatehouse"`;
  if (!fault) return realm;
  const described =
    fault.description === undefined ? '' : `, error_description="${descriptionText(fault.description)}"`;
  return `${realm}, error="${fault.error}"${described}`;
}
