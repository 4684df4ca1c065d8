/** The Authorization header, read in one way by all who take it. RFC 9110 §11.4, §11.6.2 */
import { type BackChannelRequest, headerOf } from './back-channel-request.ts';
import { BEARER } from './token-challenge.ts';

export interface Authorization {
  /** Lower case: schemes are compared without it. */
  readonly scheme: string;
  /** What both Basic and Bearer send after the scheme; undefined where it is something else. */
  readonly token68: string | undefined;
}

const SCHEME = /^[\w!#$%&'*+.^`|~-]+/;
/** RFC 9110 §11.2; RFC 6750 §2.1 says the same of a token. */
const TOKEN68 = /^[A-Za-z0-9._~+/-]+=*$/;

/** What the request has of it. */
export function authorizationOf(request: Pick<BackChannelRequest, 'headers'>): Authorization | undefined {
  return parseAuthorization(headerOf(request, 'authorization'));
}

/** undefined where there is no header. Takes time in proportion to its length, whatever it holds. */
export function parseAuthorization(header: string | undefined): Authorization | undefined {
  if (header === undefined) return undefined;
  const [first = '', credentials = '', ...others] = header.split(' ').filter((word) => word !== '');
  const scheme = SCHEME.exec(first)?.[0] ?? '';
  const isWellFormed = scheme === first && others.length === 0 && TOKEN68.test(credentials);
  return { scheme: scheme.toLowerCase(), token68: isWellFormed ? credentials : undefined };
}

/**
 * The token of a Bearer header, or of one of the other token types; undefined for any other scheme, 'malformed' where none
 * can be read. RFC 6750 §2.1, RFC 9449 §7.1
 */
export function tokenOf(
  authorization: Authorization | undefined,
  tokenTypes: readonly string[] = [BEARER],
): { readonly token: string } | 'malformed' | undefined {
  if (!authorization || !tokenTypes.some((type) => type.toLowerCase() === authorization.scheme))
    return undefined;
  return authorization.token68 === undefined ? 'malformed' : { token: authorization.token68 };
}
