/** RFC 7662 */
import { authenticateClient } from '../clients/authentication/authenticate.ts';
import type { Client } from '../clients/client.ts';
import type { OAuthContext } from '../context.ts';
import { OAuthError } from '../errors.ts';
import { parseParameters } from '../parameters.ts';
import { subjectFor } from '../subject.ts';
import { findPresentedToken, type PresentedAccess, type PresentedRefresh } from '../tokens/presented.ts';
import type { BackChannelRequest } from './back-channel.ts';

const INACTIVE = JSON.stringify({ active: false });

/** §2.2: what a token stands for, or `{"active": false}` and nothing else, as JSON. Throws OAuthError. */
export async function introspection(context: OAuthContext, request: BackChannelRequest): Promise<string> {
  const parameters = parseParameters(request.pairs);
  const caller = await authenticateClient(context, { parameters, ...request });
  if (!caller.confidential) {
    throw new OAuthError('invalid_client', 'public_caller', 'a public client may not introspect tokens');
  }
  const token = parameters.get('token');
  if (token === undefined) throw new OAuthError('invalid_request', 'missing_token', 'token is missing');
  const presented = await findPresentedToken(context, token);
  if (presented?.kind === 'access_token' && (await maySeeAccess(context, caller, presented))) {
    return describeAccess(context, presented);
  }
  if (presented?.kind === 'refresh_token' && presented.grant.client_id === caller.client_id) {
    return JSON.stringify(describeRefresh(context, caller, presented));
  }
  context.audit.append({
    type: 'introspection.refused',
    reason: presented ? 'token_not_visible' : 'token_not_active',
    client_id: caller.client_id,
    source: request.source,
  });
  return INACTIVE;
}

/** §2.1, §4: the client that it was issued to, and the resource server that it is for. */
async function maySeeAccess(
  context: OAuthContext,
  caller: Client,
  { claims }: PresentedAccess,
): Promise<boolean> {
  if (claims.client_id === caller.client_id) return true;
  const owner = await context.clients.resource(claims.aud);
  return owner?.client_id === caller.client_id;
}

/** An access token says the same for as long as it is in force: its text is made once. */
function describeAccess({ introspected }: OAuthContext, { claims }: PresentedAccess): string {
  const known = introspected.get(claims);
  if (known !== undefined) return known;
  const text = JSON.stringify({ ...claims, active: true, token_type: 'Bearer' });
  introspected.set(claims, text);
  return text;
}

function describeRefresh(context: OAuthContext, client: Client, { grant }: PresentedRefresh): object {
  return {
    active: true,
    iss: context.settings.issuer,
    sub: subjectFor(context, client, grant.sub),
    client_id: grant.client_id,
    scope: grant.scope,
    iat: Math.floor((grant.refreshed_at ?? grant.created_at) / 1000),
    exp: Math.floor(Math.min(grant.expires_at, grant.refresh_idle_expires_at ?? 0) / 1000),
  };
}
