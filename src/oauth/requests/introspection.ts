/** RFC 7662 */
import type { RequestSource } from '../../audit/request-source.ts';
import type { IdentityContext } from '../../identity/context.ts';
import type { Reason } from '../../lib/refusal-reason.ts';
import { findGrant, type GrantRow } from '../../storage/tables/grants.ts';
import { parseAccess } from '../access/stored-access.ts';
import type { BackChannelRequest } from '../back-channel-request.ts';
import { tokenTypeOf } from '../bindings/token-types.ts';
import { asClient, settle } from '../clients/authentication/run-as-client-spending-jtis.ts';
import type { Client } from '../clients/client.ts';
import type { OAuthContext } from '../context.ts';
import { OAuthError } from '../errors.ts';
import { USERINFO } from '../find-requested-resources.ts';
import { type Parameters, parseParameters } from '../parameters.ts';
import { type SubjectContext, subjectFor } from '../sub-and-sid-for-client.ts';
import {
  findPresentedToken,
  type PresentedAccess,
  type PresentedRefresh,
} from '../tokens/presented-token.ts';
import { type Answer, answerTo } from './answer-to-proven-caller.ts';
import { type Known, recordRefusals } from './audit-refusals.ts';
import type { IntrospectionContext, TokenViewContext } from './context.ts';

const INACTIVE = JSON.stringify({ active: false });
const TOO_MANY = 'too many of the tokens that this client asked about are not active; try again later';

/**
 * Per caller and process. 30,000 people whose tokens live for five minutes bring a hundred that are over each second;
 * the rest is for the seconds after many were revoked at once, when an API needs the answer most.
 */
export const missRate = { perSecond: 100, atOnce: 3000 };

/** §2.2: what a token stands for, or `{"active": false}` and nothing else, as JSON. Throws OAuthError. */
export function introspection(
  context: IntrospectionContext,
  request: BackChannelRequest,
): Promise<Answer<string>> {
  const { source } = request;
  return recordRefusals(context, { type: 'token.refused', source }, (known) =>
    describe(context, request, known),
  );
}

async function describe(
  context: IntrospectionContext,
  request: BackChannelRequest,
  known: Known,
): Promise<Answer<string>> {
  known.details = { endpoint: '/introspect' };
  const parameters = parseParameters(request.pairs);
  return asClient(context, { parameters, request }, async (authenticated) => {
    const { client } = authenticated;
    known.client_id = client.client_id;
    const caller = await settle(context, authenticated);
    return answerTo(caller, await describeTo(context, client, parameters, request.source));
  });
}

async function describeTo(
  context: TokenViewContext,
  caller: Client,
  parameters: Parameters,
  source: RequestSource,
): Promise<string> {
  if (!caller.confidential) {
    throw new OAuthError('invalid_client', 'public_caller', 'a public client may not introspect tokens');
  }
  const token = parameters.get('token');
  if (token === undefined) throw new OAuthError('invalid_request', 'missing_token', 'token is missing');
  const presented = await findPresentedToken(context, token);
  if (presented?.kind === 'access_token') {
    const viewer = await findViewer(context, caller, presented);
    if (viewer) return describeAccess(context, presented, viewer);
  }
  if (presented?.kind === 'refresh_token' && presented.grant.client_id === caller.client_id) {
    return JSON.stringify(describeRefresh(context, caller, presented));
  }
  if (!presented) return miss(context, caller, 'token_not_active', source);
  const isUnnamed = presented.kind === 'access_token' && presented.claims.aud === context.settings.issuer;
  // The token may be meant for this API, but the app did not name it; the operator can set default_resource.
  if (!isUnnamed || caller.metadata.resources.length === 0)
    return miss(context, caller, 'token_not_visible', source);
  const { grant } = presented;
  if (grant && isUserinfoFirst(await findGrant(context.db, grant.grant_id), caller))
    return miss(context, caller, 'token_for_userinfo', source);
  return miss(context, caller, 'token_for_no_resource', source);
}

/** Stores no row for each miss. The answer is cheap, but the number of misses is limited. */
function miss(
  context: Pick<OAuthContext, 'audit' | 'introspectionMisses'>,
  { client_id }: Client,
  reason: Reason,
  source: RequestSource,
): string {
  const waitSeconds = context.introspectionMisses.take(client_id);
  const recorded = waitSeconds === 0 ? reason : 'too_many_misses';
  context.audit.refused({ type: 'introspection.refused', reason: recorded, client_id, source });
  if (waitSeconds === 0) return INACTIVE;
  throw new OAuthError('temporarily_unavailable', 'too_many_misses', TOO_MANY, {
    status: 429,
    retryAfterSeconds: waitSeconds,
    isRecorded: true,
  });
}

type Viewer = 'resource server' | 'client';

/** §2.1, §4: the resource server that the token is for, or the client that it was issued to; undefined for others. */
async function findViewer(
  context: Pick<OAuthContext, 'clients' | 'settings'>,
  caller: Client,
  { claims }: PresentedAccess,
): Promise<Viewer | undefined> {
  const isForResource = claims.aud !== context.settings.issuer;
  const owner = isForResource ? await context.clients.resource(claims.aud) : undefined;
  if (owner?.client_id === caller.client_id) return 'resource server';
  return claims.client_id === caller.client_id ? 'client' : undefined;
}

/** An access token says the same for as long as it is in force, but for the username: its text is made once. */
function describeAccess(
  { introspected }: Pick<OAuthContext, 'introspected'>,
  access: PresentedAccess,
  viewer: Viewer,
): string {
  const { claims } = access;
  const username = usernameFor(access, viewer);
  const known = introspected.get(claims);
  if (known && known.username === username) return known.text;
  const text = JSON.stringify({
    // A claim of this name that the operator defined takes precedence.
    ...(username !== undefined && { username }),
    ...claims,
    active: true,
    token_type: tokenTypeOf(claims.cnf),
  });
  introspected.set(claims, { username, text });
  return text;
}

/**
 * §2.2, §5: the username, for the resource server, or where the scope `profile` shows it to the client anyway. A pairwise
 * sub would be useless beside a name that is the same everywhere (OpenID Connect Core §8.1).
 */
function usernameFor({ claims, client, grant }: PresentedAccess, viewer: Viewer): string | undefined {
  const isKnownToClient = (claims.scope ?? '').split(' ').includes('profile');
  const isForServer = viewer === 'resource server' && client.metadata.subject_type !== 'pairwise';
  return isKnownToClient || isForServer ? grant?.username : undefined;
}

function describeRefresh(
  context: SubjectContext & Pick<IdentityContext, 'settings'>,
  client: Client,
  { grant }: PresentedRefresh,
): object {
  const { scope } = parseAccess(grant.access);
  return {
    active: true,
    iss: context.settings.issuer,
    sub: subjectFor(context, client, grant.sub),
    client_id: grant.client_id,
    ...(scope.length > 0 && { scope: scope.join(' ') }),
    iat: Math.floor((grant.refreshed_at ?? grant.created_at) / 1000),
    exp: Math.floor(Math.min(grant.expires_at, grant.refresh_idle_expires_at ?? 0) / 1000),
  };
}

/** Whether its tokens are for userinfo though its app has a default_resource of this API: it asked for openid. */
export function isUserinfoFirst(grant: Pick<GrantRow, 'access'> | undefined, { metadata }: Client): boolean {
  const [first, ...others] = grant ? parseAccess(grant.access).resources : [];
  return first === USERINFO && others.some((resource) => metadata.resources.includes(resource));
}
