/** Where a browser goes on to after a sign-out. OpenID Connect RP-Initiated Logout §3; RFC 9700 §4.11.2 */
import { shortened } from '../../lib/shortened.ts';
import type { Client } from '../clients/client.ts';
import type { Parameters } from '../parameters.ts';
import { findAnswerMember } from '../reserved-members.ts';

const LONGEST_SHOWN = 200;
const LONGEST_LISTED = 1000;

export interface LogoutTarget {
  /** Where the browser goes on to. */
  readonly redirect: string | undefined;
  /** Where it goes only if the person follows the link. */
  readonly offered: string | undefined;
  /** What was asked for and is not done. */
  readonly refused: RefusedLogoutUri | undefined;
}

export interface RefusedLogoutUri {
  readonly reason: 'unregistered_logout_uri' | 'unidentified_logout_client';
  readonly post_logout_redirect_uri: string;
  /** Of the client that was named, space-separated, for the operator. */
  readonly registered?: string;
  readonly client_id?: string;
}

/** `isTrusted`: whether the browser may go there by itself. */
export function logoutTarget(
  parameters: Parameters,
  client: Client | undefined,
  isTrusted: boolean,
): LogoutTarget {
  const uri = parameters.get('post_logout_redirect_uri');
  const none = { redirect: undefined, offered: undefined, refused: undefined };
  if (uri === undefined) return none;
  if (!client || !isRegistered(client, uri)) return { ...none, refused: refusedUri(uri, client) };
  const target = withState(uri, parameters.get('state'));
  return isTrusted ? { ...none, redirect: target } : { ...none, offered: target };
}

/** O3: byte for byte. */
function isRegistered({ metadata }: Client, uri: string): boolean {
  const isListed = metadata.post_logout_redirect_uris?.includes(uri) ?? false;
  return isListed && findAnswerMember(uri) === undefined;
}

function withState(uri: string, state: string | undefined): string {
  if (state === undefined) return uri;
  return `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams({ state })}`;
}

function refusedUri(uri: string, client: Client | undefined): RefusedLogoutUri {
  const post_logout_redirect_uri = shortened(uri, LONGEST_SHOWN);
  if (!client) return { reason: 'unidentified_logout_client', post_logout_redirect_uri };
  const registered = (client.metadata.post_logout_redirect_uris ?? []).join(' ');
  return {
    reason: 'unregistered_logout_uri',
    post_logout_redirect_uri,
    registered: shortened(registered, LONGEST_LISTED),
    client_id: client.client_id,
  };
}
