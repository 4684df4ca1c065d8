/** The one comparison of redirect URIs. RFC 9700 §2.1, RFC 8252 §7.3. */
import { isDeniedScheme } from './denied-schemes.ts';
import { LOOPBACK } from './redirect-uri-kind.ts';
import { findAnswerMember } from './reserved-query-members.ts';

interface RedirectingClient {
  readonly metadata: { readonly redirect_uris: readonly string[]; readonly application_type: string };
}

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

function withoutLoopbackPort(uri: string): string | undefined {
  const match = LOOPBACK.exec(uri);
  // A port above 65535 is none.
  if (!match || !URL.canParse(uri)) return undefined;
  const port = match.groups?.port ?? '';
  return match[0].slice(0, match[0].length - port.length) + uri.slice(match[0].length);
}
