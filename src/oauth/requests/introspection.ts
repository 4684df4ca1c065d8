/** RFC 7662 */
import type { RequestSource } from '../../audit/events.ts';
import { authenticateClient } from '../clients/authentication/authenticate.ts';
import type { Client } from '../clients/client.ts';
import type { OAuthContext } from '../context.ts';
import { OAuthError } from '../errors.ts';
import { parseParameters } from '../parameters.ts';
import { subjectFor } from '../subject.ts';
import { findPresentedToken, type PresentedAccess, type PresentedRefresh } from '../tokens/presented.ts';
import type { BackChannelRequest } from './back-channel.ts';

const INACTIVE = JSON.stringify({ active: false });
const TOO_MANY = 'too many of the tokens that this client asked about are not active; try again later';

/**
 * Per caller and process. 30,000 people whose tokens live for five minutes bring a hundred that are over each second;
 * the rest is for the seconds after many were revoked at once, when an API needs the answer most.
 */
export const missRate = { perSecond: 100, atOnce: 3000 };

/** §2.2: what a token stands for, or `{"active": false}` and nothing else, as JSON. Throws OAuthError. */
export async function introspection(context: OAuthContext, request: BackChannelRequest): Promise<string> {
  const parameters = parseParameters(request.pairs);
  const caller = await authenticateClient(context, {
    parameters,
    endpoint: '/introspect',
    ...request,
  });
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
  if (!presented) return miss(context, caller, 'token_not_active', request.source);
  return miss(context, caller, 'token_not_visible', request.source);
}

/** No row of its own; the answer itself is cheap, but asking without end is no way to use it. */
function miss(context: OAuthContext, { client_id }: Client, reason: string, source: RequestSource): string {
  const waitSeconds = context.introspectionMisses.take(client_id);
  const told = waitSeconds === 0 ? reason : 'too_many_misses';
  context.audit.refused({ type: 'introspection.refused', reason: told, client_id, source });
  if (waitSeconds === 0) return INACTIVE;
  throw new OAuthError('temporarily_unavailable', 'too_many_misses', TOO_MANY, {
    status: 429,
    retryAfterSeconds: waitSeconds,
  });
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
    ...(grant.scope !== '' && { scope: grant.scope }),
    iat: Math.floor((grant.refreshed_at ?? grant.created_at) / 1000),
    exp: Math.floor(Math.min(grant.expires_at, grant.refresh_idle_expires_at ?? 0) / 1000),
  };
}
