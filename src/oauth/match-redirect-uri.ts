/** The one comparison of redirect URIs. RFC 9700 §2.1, RFC 8252 §7.3. */

import { isDeniedScheme } from './denied-schemes.ts';
import { findAnswerMember } from './reserved-query-members.ts';

interface RedirectingClient {
  readonly metadata: { readonly redirect_uris: readonly string[]; readonly application_type: string };
}

const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost)(?<port>:\d{1,5})?(?=[/?]|$)/;

/**
 * Whether the URI is registered: byte for byte, but for the port of a native client's loopback redirect. One that is barred
 * never is.
 */
export function isRegisteredRedirectUri(client: RedirectingClient, redirect_uri: string): boolean {
  if (isBarred(redirect_uri)) return false;
  if (client.metadata.redirect_uris.includes(redirect_uri)) return true;
  if (client.metadata.application_type !== 'native') return false;
  const wanted = withoutLoopbackPort(redirect_uri);
  return (
    wanted !== undefined &&
    client.metadata.redirect_uris.some((registered) => withoutLoopbackPort(registered) === wanted)
  );
}

/** With a member of an answer in its query, or a scheme that is denied: it was registered before that was looked at. */
export function isBarred(uri: string): boolean {
  return findAnswerMember(uri) !== undefined || hasDeniedScheme(uri);
}

function hasDeniedScheme(redirect_uri: string): boolean {
  return URL.canParse(redirect_uri) && isDeniedScheme(new URL(redirect_uri).protocol);
}

/** Whether it is http or https; `protocol` is a URL's own, in lower case with its colon. */
export function isWebProtocol(protocol: string): boolean {
  return protocol === 'https:' || protocol === 'http:';
}

/** The host that a person is sent back to, or the scheme of an app on their device: what follows it proves nothing. */
export function hostOfRedirectUri(redirect_uri: string): string {
  const { protocol, host } = new URL(redirect_uri);
  return isWebProtocol(protocol) ? host : protocol.slice(0, -1);
}

/**
 * RFC 8252 §8.6: whether the redirect itself assures who the client is. Loopback and private-use schemes can be
 * claimed by any app on the device.
 */
export function assuresIdentity(redirect_uri: string): boolean {
  return redirect_uri.startsWith('https://');
}

/** RFC 8252 §7: loopback, or a scheme of an app's own. */
export function isOnDevice(redirect_uri: string): boolean {
  return LOOPBACK.test(redirect_uri) || (URL.canParse(redirect_uri) && !/^https?:/i.test(redirect_uri));
}

function withoutLoopbackPort(uri: string): string | undefined {
  const match = LOOPBACK.exec(uri);
  // A port above 65535 is none.
  if (!match || !URL.canParse(uri)) return undefined;
  const port = match.groups?.port ?? '';
  return match[0].slice(0, match[0].length - port.length) + uri.slice(match[0].length);
}
