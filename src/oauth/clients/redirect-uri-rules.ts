/** Which redirect URIs may be registered. RFC 7591 §5, RFC 8252 §7, RFC 9700 §2.1 */
import { isPrivate } from '../../lib/ip-address-checks.ts';
import { isPrivateName } from '../../lib/local-network-host-name.ts';
import { type Checked, checkInOrder, PASSED } from '../../lib/outcome.ts';
import { isDeniedScheme } from '../denied-schemes.ts';
import { isWebProtocol } from '../redirect-uri-kind.ts';
import { findAnswerMember, findLogoutMember } from '../reserved-query-members.ts';

export interface RedirectUriRules {
  readonly native: boolean;
  /** Development mode: web clients may be on this machine too. */
  readonly development: boolean;
  /** A confidential client that the operator registers. */
  readonly trusted?: boolean | undefined;
  /** Such a client, where its answers may travel in clear text (insecure_redirect_uris). */
  readonly insecure?: boolean | undefined;
}

const LOOPBACK_HOSTS = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** What a host is once a URL is read. The WHATWG parser lets `;` and `,` pass, which mean something in a header. */
export const WEB_HOST = /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])$/;

/** `--redirect-uri A,B`, which no app would ever send. */
const SECOND_URI = /,[a-z][a-z0-9+.-]*:\/\//i;

/** What is wrong with a URI that answers are sent to, as a sentence. */
export function checkRedirectUri(uri: string, rules: RedirectUriRules): Checked<string> {
  return checkInOrder(
    () => checkUri(uri, rules),
    () => checkMember(findAnswerMember(uri)),
  );
}

/** The same for a URI that is notified of sign-outs. */
export function checkLogoutUri(uri: string, development: boolean): Checked<string> {
  const isClear = /^http:/i.test(uri) && !development;
  return checkInOrder(
    () => (isClear ? CLEAR_LOGOUT : checkUri(uri, { native: false, development })),
    () => checkMember(findLogoutMember(uri)),
  );
}

/** The logout token and the frame are this server's to send, and no browser frames http in a page of https. */
const CLEAR_LOGOUT =
  'must be https, on this machine too and whatever the client is; http is for an issuer in development (http://localhost) alone';

function checkMember(member: string | undefined): Checked<string> {
  if (member === undefined) return PASSED;
  return `has the query member ${member}, which the app would take for one of this server's; name it otherwise`;
}

function checkUri(uri: string, rules: RedirectUriRules): Checked<string> {
  if (!/^[\x21-\x7E]+$/.test(uri) || /[\\<>"^`{|}]/.test(uri)) return 'has characters that no URI has';
  if (!URL.canParse(uri)) return 'is not an absolute URI';
  if (uri.includes('#')) return 'has a fragment';
  if (uri.includes('*')) return 'has a wildcard; register each URI';
  if (SECOND_URI.test(uri.split('?', 1).join())) return 'is two URIs in one; register each by itself';
  const url = new URL(uri);
  if (url.username !== '' || url.password !== '') return 'has a user name';
  if (url.href !== uri && url.href !== `${uri}/`) return `must be written as ${url.href}`;
  if (isWebProtocol(url.protocol) && !WEB_HOST.test(url.hostname)) {
    return 'has a host with other characters than a-z 0-9 . -';
  }
  if (url.protocol === 'https:') return PASSED;
  return url.protocol === 'http:' ? checkHttp(url, rules) : checkScheme(url, rules);
}

/**
 * RFC 8252 §7.3: http on the machine itself alone. A confidential client of the operator's may be there too, as in every
 * framework's quick start: the code is worth nothing without its secret.
 */
function checkHttp(url: URL, rules: RedirectUriRules): Checked<string> {
  if (!LOOPBACK_HOSTS.has(url.hostname)) return checkClearText(url, rules);
  if (rules.native || rules.development || rules.trusted) return PASSED;
  return 'is http on this machine, which only a native client (application_type native) may use, or a confidential one that the operator registers';
}

/** docs/explanation/decisions/0001-http-redirects.md */
function checkClearText({ hostname }: URL, { trusted, insecure }: RedirectUriRules): Checked<string> {
  const isPrivateHost = isPrivateName(hostname) || isPrivate(hostname.replace(/[[\]]/g, ''));
  if (insecure && isPrivateHost) return PASSED;
  if (insecure)
    return 'must be https: http is for private addresses and single-label, .lan, .local and .internal names';
  return trusted && isPrivateHost
    ? 'must be https; where that cannot be, insecure_redirect_uris allows http on a private host'
    : 'must be https';
}

/**
 * RFC 8252 §7.1 asks for a reverse-domain name; real apps have words and hosts of their own (`cursor://…`,
 * `audiobookshelf://oauth`).
 */
function checkScheme(url: URL, rules: RedirectUriRules): Checked<string> {
  if (isDeniedScheme(url.protocol))
    return `has the scheme ${url.protocol}, which no app of a person answers to`;
  return rules.native ? PASSED : 'has a private-use scheme, which only a native client may use';
}
