/** The token request, step by step. RFC 6749 §3.2, §4.1.3, §5 */

import type { RequestSource } from '../../audit/events.ts';
import { type Checked, isRefusal, PASSED } from '../../lib/outcome.ts';
import type { Tx } from '../../storage/database.ts';
import { markClientUsed } from '../../storage/tables/clients.ts';
import type { BackChannelRequest } from '../back-channel-request.ts';
import { type Authenticated, authenticate } from '../clients/authentication/authenticate.ts';
import type { Client } from '../clients/client.ts';
import { IN_CLEAR, type NoEncryptionKey, resolveEncryption } from '../clients/encryption-key.ts';
import { isSelfRegistered } from '../clients/self-registered.ts';
import type { OAuthContext } from '../context.ts';
import { OAuthError, throwRefusal } from '../errors.ts';
import { type Admitted, admit, ClientChanged, type Wish } from '../gate.ts';
import type { Grant, GrantRefusal } from '../grants/grant.ts';
import { grants } from '../grants/index.ts';
import { type Parameters, parseParameters } from '../parameters.ts';
import { namedResources } from '../resource.ts';
import { hasIdToken } from '../tokens/id-token.ts';
import { issueTokens, type TokenResponse } from '../tokens/issue.ts';
import { type IssuingKeys, openSigningKeys } from '../tokens/issuing-keys.ts';
import { mayRefresh, refreshTokenOf } from '../tokens/refresh-token.ts';
import { type Answer, answerTo } from './answer.ts';
import { audited, type Known } from './audited.ts';

const DAY_MS = 86_400_000;

/** Who asks, and from where. */
interface Caller {
  readonly authenticated: Authenticated;
  readonly source: RequestSource;
}

/** What may be issued, and the refresh token that goes with it. */
interface Decided {
  readonly admitted: Admitted;
  readonly refresh_token: string | undefined;
  readonly keys: IssuingKeys;
}

/** A refusal that undoes what the transaction spent: a wrong scope or a lost key costs nobody a code. */
class RolledBack extends Error {
  readonly refusal: GrantRefusal;
  constructor(refusal: GrantRefusal) {
    super(refusal.reason);
    this.refusal = refusal;
  }
}

/** A client that changes as often while one request waits is not asked for ever. */
const ATTEMPTS = 4;

/** Answers a token request. Throws OAuthError. */
export function token(context: OAuthContext, request: BackChannelRequest): Promise<Answer<TokenResponse>> {
  const { source } = request;
  return audited(context, { type: 'token.refused', source }, (known) => answer(context, request, known));
}

async function answer(
  context: OAuthContext,
  request: BackChannelRequest,
  known: Known,
): Promise<Answer<TokenResponse>> {
  const parameters = parseParameters(request.pairs);
  let authenticated = await authenticate(context, { parameters, request });
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    try {
      known.client_id = authenticated.client.client_id;
      const caller = { authenticated, source: request.source };
      const tokens = await tokenFor(context, caller, parameters, known);
      return answerTo(authenticated.caller, tokens);
    } catch (error) {
      if (!(error instanceof ClientChanged)) throw error;
      authenticated = await authenticated.renewed(error.client);
    }
  }
  throw new OAuthError(
    'temporarily_unavailable',
    'client_changing',
    'the client is being changed; try again',
    {
      retryAfterSeconds: 1,
    },
  );
}

/** Of the client as it was read; where it is another by the time that counts, nothing was spent. */
async function tokenFor(
  context: OAuthContext,
  caller: Caller,
  parameters: Parameters,
  known: Known,
): Promise<TokenResponse> {
  const { client } = caller.authenticated;
  const grant = selectGrant(client, parameters);
  known.details = { grant_type: grant.grantType };
  const own = parseOwnParameters(grant, parameters);
  const found = await grant.look(context, client, own);
  const decided = isRefusal(found) ? found : await decide(context, grant, caller, parameters, found);
  if (isRefusal(decided)) throwRefusal(decided as GrantRefusal);
  return issueTokens(context, decided.admitted, decided.refresh_token, decided.keys);
}

/** RFC 6749 §5.2: unsupported_grant_type, unauthorized_client. */
function selectGrant(client: Client, parameters: Parameters): Grant {
  const grant_type = parameters.get('grant_type');
  if (grant_type === undefined)
    throw new OAuthError('invalid_request', 'missing_grant_type', 'grant_type is missing');
  const grant = grants.find((candidate) => candidate.grantType === grant_type);
  if (!grant) {
    throw new OAuthError(
      'unsupported_grant_type',
      'unsupported_grant_type',
      `grant_type must be one of: ${grants.map((known) => known.grantType).join(', ')}`,
    );
  }
  if (!client.metadata.grant_types.includes(grant_type) || (grant.confidentialOnly && !client.confidential)) {
    throw new OAuthError(
      'unauthorized_client',
      'grant_type_not_allowed',
      `this client may not use ${grant_type}`,
    );
  }
  return grant;
}

function parseOwnParameters(grant: Grant, parameters: Parameters): Record<string, unknown> {
  const sent: Record<string, string | undefined> = {};
  for (const name of Object.keys(grant.parameters.shape)) sent[name] = parameters.get(name);
  const outcome = grant.parameters.safeParse(sent);
  if (outcome.success) return outcome.data;
  const wrong = outcome.error.issues.map((issue) => issue.path.join('.')).join(', ');
  throw new OAuthError('invalid_request', 'missing_parameter', `missing or malformed: ${wrong}`);
}

/** Spend, admit, and what follows from them: one short transaction. Nothing to spend, no transaction but for the note of a day. */
async function decide(
  context: OAuthContext,
  grant: Grant,
  caller: Caller,
  parameters: Parameters,
  found: object,
): Promise<Decided | GrantRefusal> {
  const { authenticated, source } = caller;
  const { client } = authenticated;
  const scope = grant.ignoresScope ? undefined : parameters.get('scope');
  const wish = { caller: authenticated, scope, resources: namedResources(parameters) };
  // Before anything is spent, or said to be issued.
  const opened = await openSigningKeys(context, client);
  // This may have to be fetched, and may not be there. A client that acts for itself gets no ID token.
  const encryption = grant.forUser ? await resolveEncryption(context, client, 'id_token') : IN_CLEAR;
  const keys = { ...opened, encryption };
  if (!grant.spend) {
    const admitted = await admit(context, context.db, { proof: grant.proof(found), ...wish });
    if (isRefusal(admitted)) return admitted;
    const usable = checkKeys(admitted, keys);
    if (usable !== PASSED) return usable;
    if (isUseToNote(context, client)) await context.db.write((tx) => noteUse(context, tx, client));
    context.audit.append(issuedEvent(admitted, grant, caller));
    return { admitted, refresh_token: refreshTokenFor(context, admitted), keys };
  }
  const { spend } = grant;
  try {
    return await context.db.write(async (tx) => {
      const proof = await spend(context, tx, found, source);
      if (isRefusal(proof)) return proof;
      return admitSpent(context, tx, grant, { proof, keys, ...wish }, caller);
    });
  } catch (error) {
    if (error instanceof RolledBack) return error.refusal;
    throw error;
  }
}

async function admitSpent(
  context: OAuthContext,
  tx: Tx,
  grant: Grant,
  { keys, ...wish }: Wish & { readonly keys: IssuingKeys },
  caller: Caller,
): Promise<Decided> {
  const admitted = await admit(context, tx, wish);
  if (isRefusal(admitted)) throw new RolledBack(admitted);
  const usable = checkKeys(admitted, keys);
  if (usable !== PASSED) throw new RolledBack(usable);
  const refresh_token = refreshTokenFor(context, admitted);
  const { client } = admitted;
  if (isUseToNote(context, client)) await noteUse(context, tx, client);
  context.audit.record(tx, issuedEvent(admitted, grant, caller));
  return { admitted, refresh_token, keys };
}

/** Whether all that is to be issued can be signed, and encrypted where its client wants that. Throws as `signing` does. */
function checkKeys(admitted: Admitted, keys: IssuingKeys): Checked<NoEncryptionKey> {
  keys.signing(admitted.accessTokenAlg);
  if (!hasIdToken(admitted)) return PASSED;
  keys.signing(admitted.client.metadata.id_token_signed_response_alg);
  return isRefusal(keys.encryption) ? keys.encryption : PASSED;
}

/** A client that registered itself stays while it is used. One row a day says so. */
function isUseToNote({ clock }: OAuthContext, client: Client): boolean {
  return isSelfRegistered(client) && (client.lastUsedMs ?? 0) <= clock.nowMs() - DAY_MS;
}

async function noteUse({ clock }: OAuthContext, tx: Tx, { client_id }: Client): Promise<void> {
  const nowMs = clock.nowMs();
  await markClientUsed(tx, client_id, nowMs, nowMs - DAY_MS);
}

/** The first refresh token of the grant, or the successor of the one that was spent, where the client may refresh. */
function refreshTokenFor(context: OAuthContext, { proof, grant, client }: Admitted): string | undefined {
  if (proof.kind === 'client' || !grant || !mayRefresh(grant, client)) return undefined;
  return refreshTokenOf(context, grant, proof.generation ?? 0);
}

function issuedEvent(admitted: Admitted, grant: Grant, { authenticated, source }: Caller) {
  const { client, auth_method } = authenticated;
  const isAsRegistered = auth_method === client.metadata.token_endpoint_auth_method;
  return {
    type: 'token.issued',
    sub: admitted.grant?.sub,
    client_id: admitted.client.client_id,
    grant_id: admitted.grant?.grant_id,
    source,
    details: {
      grant_type: grant.grantType,
      scope: admitted.scope.join(' '),
      ...(!isAsRegistered && { auth_method }),
    },
  } as const;
}
