/** Where a browser is sent, or which link it is offered, after signing out. OpenID Connect RP-Initiated Logout 1.0 §2, §3, §4 */
import type { Session } from '../../identity/sessions/session-type.ts';
import { type Checked, PASSED } from '../../lib/outcome.ts';
import { shownText, shownUris } from '../../lib/shorten-and-escape-text.ts';
import type { Client } from '../clients/client.ts';
import { isSelfRegistered } from '../clients/is-self-registered.ts';
import { isBarred } from '../match-redirect-uri.ts';
import type { Parameters } from '../parameters.ts';
import { hostOfRedirectUri } from '../redirect-uri-kind.ts';
import { findAnswerMember } from '../reserved-query-members.ts';
import type { Asker, TargetFault } from './client-of-logout-request.ts';

export interface LogoutTarget {
  /** Where the browser is redirected. */
  readonly redirect?: string;
  /** The page shows it as a link, with its host; the user decides whether to follow it. */
  readonly offered?: { readonly uri: string; readonly host: string };
  readonly fault?: TargetFault | undefined;
}

/** Nothing where the app did not ask for it. */
export function findLogoutTarget(
  asker: Asker,
  parameters: Parameters,
  session: Session | undefined,
): LogoutTarget {
  const uri = parameters.get('post_logout_redirect_uri');
  if (uri === undefined) return {};
  if (!asker.client) return { fault: asker.fault };
  const fault = checkLogoutUri(asker.client, uri);
  if (fault !== PASSED) return { fault };
  const address = withState(uri, parameters.get('state'));
  if (isTrusted(asker, session)) return { redirect: address };
  return { offered: { uri: address, host: hostOfRedirectUri(uri) }, fault: asker.fault };
}

/** O3: byte for byte a registered one. §3 */
function checkLogoutUri({ metadata }: Client, uri: string): Checked<TargetFault> {
  const description = `post_logout_redirect_uri ${shownText(uri)}`;
  if (!metadata.post_logout_redirect_uris?.includes(uri)) {
    const expected = 'is not byte for byte one that is registered for this client';
    return { reason: 'unregistered_logout_uri', description: `${description} ${expected}` };
  }
  if (!isBarred(uri)) return PASSED;
  const member = findAnswerMember(uri);
  const found = member === undefined ? 'a scheme that is denied' : `the query member ${member}`;
  const expected = `has ${found}; register one without it`;
  return { reason: 'refused_logout_uri', description: `${description} ${expected}` };
}

function withState(uri: string, state: string | undefined): string {
  return state === undefined
    ? uri
    : `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams({ state })}`;
}

/**
 * RFC 9700 §4.11.2: a link to this server must not lead to the page of a client that registered itself, except for a user
 * who signs out with its ID token. Without an ID token the author of the link is unknown, so a user must have been signed
 * in here, who confirmed the sign-out.
 */
function isTrusted({ client, hint, fault }: Asker, session: Session | undefined): boolean {
  const isOperators = client !== undefined && !isSelfRegistered(client);
  if (hint) return isOperators || hint.sid === session?.sid;
  return fault === undefined && isOperators && session !== undefined;
}

/** For the operator: what was compared. */
export function comparedOf({ client }: Asker, parameters: Parameters): Record<string, string> {
  return {
    post_logout_redirect_uri: shownText(parameters.get('post_logout_redirect_uri') ?? ''),
    ...(client && { registered: shownUris(client.metadata.post_logout_redirect_uris ?? []) }),
  };
}
