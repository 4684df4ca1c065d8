/** client_id and redirect_uri, before anything else: an error here is shown, never redirected. RFC 6749 §4.1.2.1 */

import { shownText, shownUris } from '../../lib/compared.ts';
import type { Client } from '../clients/client.ts';
import type { OAuthContext } from '../context.ts';
import { OAuthError } from '../errors.ts';
import type { Parameters } from '../parameters.ts';
import { isRegisteredRedirectUri } from '../redirect-uri.ts';
import { findAnswerMember } from '../reserved-members.ts';
import { parseScope } from '../scope.ts';
import type { ResponseTarget } from './respond.ts';
import { DEFAULT_MODE, responseModesOf } from './response-modes/index.ts';

export interface Target {
  readonly client: Client;
  readonly target: ResponseTarget;
  readonly redirect_uri_sent: boolean;
}

/** Throws OAuthError with status 400 for a local page. */
export async function findTarget(context: OAuthContext, parameters: Parameters): Promise<Target> {
  const client = await findClient(context, readOnce(parameters, 'client_id'));
  const sent = readOnce(parameters, 'redirect_uri');
  const redirect_uri = sent ?? impliedRedirectUri(client, parameters);
  const member = findAnswerMember(redirect_uri);
  if (member !== undefined) {
    throw invalidRedirect(
      `redirect_uri has the query member ${member}, which is the answer's; register one without it`,
    );
  }
  if (!isRegisteredRedirectUri(client, redirect_uri)) throw unregistered(client, redirect_uri);
  const modes = responseModesOf(client);
  const response_mode = parameters.get('response_mode') ?? DEFAULT_MODE;
  const mode = modes.find((candidate) => candidate.name === response_mode) ?? modes[0];
  const target = {
    redirect_uri,
    response_mode: mode?.name ?? DEFAULT_MODE,
    state: parameters.get('state'),
    ui_locales: parameters.get('ui_locales')?.slice(0, 256),
  };
  return { client, target, redirect_uri_sent: sent !== undefined };
}

async function findClient(context: OAuthContext, client_id: string | undefined): Promise<Client> {
  if (client_id === undefined) throw shown('invalid_request', 'missing_client_id', 'client_id is missing');
  const client = await context.clients.find(client_id);
  if (!client)
    throw shown('invalid_client', 'unknown_client', 'client_id names no client that is registered here');
  if (client.disabled) throw shown('unauthorized_client', 'client_disabled', 'this client is switched off');
  return client;
}

/** OpenID Connect Core §3.1.2.1: required for OpenID; RFC 6749 §3.1.2.3: and where there are several. */
function impliedRedirectUri(client: Client, parameters: Parameters): string {
  const [only, ...others] = client.metadata.redirect_uris;
  const scope = parseScope(parameters.get('scope') ?? client.metadata.scope) ?? [];
  if (only === undefined || others.length > 0 || scope.includes('openid')) {
    throw invalidRedirect('redirect_uri is missing');
  }
  return only;
}

/** The value, undefined where absent or empty. */
function readOnce(parameters: Parameters, name: string): string | undefined {
  if (parameters.repeated.includes(name))
    throw shown('invalid_request', 'repeated_parameter', `${name} was sent more than once`);
  return parameters.get(name);
}

function shown(
  error: 'invalid_request' | 'invalid_client' | 'unauthorized_client',
  reason: string,
  description: string,
) {
  return new OAuthError(error, reason, description, { status: 400 });
}

/** The app's developer sees what came, the operator what was expected too. */
function unregistered({ client_id, metadata }: Client, sent: string): OAuthError {
  const redirect_uri = shownText(sent);
  const description = `redirect_uri ${redirect_uri} is not byte for byte one that is registered for this client`;
  const registered = shownUris(metadata.redirect_uris);
  return new OAuthError('invalid_request', 'invalid_redirect_uri', description, {
    status: 400,
    about: { client_id, redirect_uri, registered },
  });
}

function invalidRedirect(description: string): OAuthError {
  return shown('invalid_request', 'invalid_redirect_uri', description);
}
