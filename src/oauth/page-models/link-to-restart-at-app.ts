/** Where a user can start again at an app, when the interaction here cannot continue. OpenID Connect Core §4 */
import type { Client } from '../clients/client.ts';
import { isSelfRegistered } from '../clients/is-self-registered.ts';
import type { OAuthContext } from '../context.ts';
import { longestOf } from '../parameters.ts';

export interface AppLink {
  readonly href: string;
  readonly host: string;
}

/**
 * `client_id` is read from a URL or a form, and unchecked. RFC 9700 §4.11.2: an app that registered itself has no link,
 * so that no link to this server leads to a page that an unknown registrant chose.
 */
export async function findAppLink(
  context: Pick<OAuthContext, 'clients' | 'settings'>,
  client_id: string,
): Promise<AppLink | undefined> {
  if (client_id === '' || client_id.length > longestOf('client_id')) return undefined;
  const client = await context.clients.find(client_id);
  if (!client || client.disabled || isSelfRegistered(client)) return undefined;
  const address = addressOf(client, context.settings.issuer);
  return address && { href: address.href, host: address.host };
}

/** Where the app starts a login by itself, or else its page. A native app has neither unless its metadata names one. */
function addressOf({ metadata }: Client, issuer: string): URL | undefined {
  const { initiate_login_uri, client_uri, application_type, redirect_uris } = metadata;
  if (initiate_login_uri !== undefined) {
    const login = new URL(initiate_login_uri);
    login.searchParams.set('iss', issuer);
    return login;
  }
  if (client_uri !== undefined) return new URL(client_uri);
  const page = redirect_uris.find((uri) => /^https?:/.test(uri));
  return page === undefined || application_type === 'native' ? undefined : new URL('/', page);
}
