/** client_id and redirect_uri, before anything else: an error here is shown, never redirected. RFC 6749 §4.1.2.1 */
import { type Checked, checkInOrder, isRefusal, PASSED, refuse } from '../../lib/outcome.ts';
import { shownText, shownUris } from '../../lib/shorten-and-escape-text.ts';
import type { Client } from '../clients/client.ts';
import type { ClientsContext } from '../clients/context.ts';
import { isRegisteredRedirectUri } from '../match-redirect-uri.ts';
import type { Parameters } from '../parameters.ts';
import { parseScope } from '../parse-and-narrow-scope.ts';
import { findAnswerMember } from '../reserved-query-members.ts';
import type { AuthorizationRefusal } from './authorization-request-types.ts';
import type { ResponseTarget } from './respond.ts';
import { DEFAULT_MODE } from './response-modes/index.ts';
import { responseModesOf } from './response-modes/modes-of-client.ts';

export interface Target {
  readonly client: Client;
  readonly target: ResponseTarget;
  readonly redirect_uri_sent: boolean;
}

/** The client, and where its response is sent. A refusal is shown on a page of this server. */
export async function findTarget(
  context: ClientsContext,
  parameters: Parameters,
): Promise<Target | AuthorizationRefusal> {
  const client = await findClient(context, parameters);
  if (isRefusal(client)) return client;
  const redirect_uri = findRedirectUri(client, parameters);
  if (isRefusal(redirect_uri)) return redirect_uri;
  const checked = checkInOrder(
    () => checkMembers(redirect_uri),
    () => checkRegistered(client, redirect_uri),
  );
  if (checked !== PASSED) return checked;
  const redirect_uri_sent = parameters.get('redirect_uri') !== undefined;
  return { client, target: targetOf(client, redirect_uri, parameters), redirect_uri_sent };
}

/** Where the request names no response mode of the client, the response is sent by the client's first. */
function targetOf(client: Client, redirect_uri: string, parameters: Parameters): ResponseTarget {
  const modes = responseModesOf(client);
  const response_mode = parameters.get('response_mode') ?? DEFAULT_MODE;
  const mode = modes.find((candidate) => candidate.name === response_mode) ?? modes[0];
  return {
    redirect_uri,
    response_mode: mode?.name ?? DEFAULT_MODE,
    state: parameters.get('state'),
    ui_locales: parameters.get('ui_locales')?.slice(0, 256),
  };
}

async function findClient(
  context: ClientsContext,
  parameters: Parameters,
): Promise<Client | AuthorizationRefusal> {
  const once = checkOnce(parameters, 'client_id');
  if (once !== PASSED) return once;
  const client_id = parameters.get('client_id');
  if (client_id === undefined) return refuse('invalid_request', 'missing_client_id', 'client_id is missing');
  const client = await context.clients.find(client_id);
  if (!client)
    return refuse('invalid_client', 'unknown_client', 'client_id names no client that is registered here');
  if (client.disabled) return refuse('unauthorized_client', 'client_disabled', 'this client is switched off');
  return client;
}

/** OpenID Connect Core §3.1.2.1: required for OpenID; RFC 6749 §3.1.2.3: and where there are several. */
function findRedirectUri(client: Client, parameters: Parameters): string | AuthorizationRefusal {
  const once = checkOnce(parameters, 'redirect_uri');
  if (once !== PASSED) return once;
  const sent = parameters.get('redirect_uri');
  if (sent !== undefined) return sent;
  const [only, ...others] = client.metadata.redirect_uris;
  const scope = parseScope(parameters.get('scope') ?? client.metadata.scope) ?? [];
  if (only === undefined || others.length > 0 || scope.includes('openid')) {
    return refuse('invalid_request', 'invalid_redirect_uri', 'redirect_uri is missing');
  }
  return only;
}

/** A repeated parameter has no valid value (G4). */
function checkOnce({ repeated }: Parameters, name: string): Checked<AuthorizationRefusal> {
  if (!repeated.includes(name)) return PASSED;
  return refuse('invalid_request', 'repeated_parameter', `${name} was sent more than once`);
}

function checkMembers(redirect_uri: string): Checked<AuthorizationRefusal> {
  const member = findAnswerMember(redirect_uri);
  if (member === undefined) return PASSED;
  const description = `redirect_uri has the query member ${member}, which is the answer's; register one without it`;
  return refuse('invalid_request', 'invalid_redirect_uri', description);
}

/** The app's developer sees what came, the operator what was expected too. */
function checkRegistered(client: Client, sent: string): Checked<AuthorizationRefusal> {
  if (isRegisteredRedirectUri(client, sent)) return PASSED;
  const { client_id, metadata } = client;
  const redirect_uri = shownText(sent);
  const description = `redirect_uri ${redirect_uri} is not byte for byte one that is registered for this client`;
  const about = { client_id, redirect_uri, registered: shownUris(metadata.redirect_uris) };
  return { ...refuse('invalid_request', 'invalid_redirect_uri', description), about };
}
