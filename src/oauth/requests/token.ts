/** The token request, step by step. RFC 6749 §3.2, §4.1.3, §5 */
import type { RequestSource } from '../../audit/request-source.ts';
import { type Checked, isRefusal, PASSED } from '../../lib/outcome.ts';
import type { Tx } from '../../storage/database.ts';
import type { BackChannelRequest } from '../back-channel-request.ts';
import type { BindingContext } from '../bindings/binding.ts';
import { proveBindings } from '../bindings/prove.ts';
import type { Authenticated } from '../clients/authentication/authenticate.ts';
import { asClient, settle, writeAs } from '../clients/authentication/run-as-client-spending-jtis.ts';
import type { Client } from '../clients/client.ts';
import { isUseToNote, noteUse } from '../clients/note-daily-use.ts';
import { IN_CLEAR, type NoEncryptionKey, resolveEncryption } from '../clients/working-encryption-key.ts';
import type { Confirmation } from '../confirmation-claim.ts';
import { OAuthError, throwRefusal } from '../errors.ts';
import { namedResources } from '../find-requested-resources.ts';
import { type Admitted, admit, type GateRequest } from '../gate-before-issuing.ts';
import type { Grant, GrantRefusal } from '../grants/grant-type-interface.ts';
import { grants } from '../grants/index.ts';
import { type Parameters, parseParameters } from '../parameters.ts';
import type { Caller } from '../proof-caller-was-authenticated.ts';
import { refreshTokenOf } from '../tokens/derive-and-find-refresh-token.ts';
import { issueTokens, type TokenResponse } from '../tokens/issue.ts';
import { type IssuingKeys, openSigningKeys } from '../tokens/issuing-keys.ts';
import { mayRefresh } from '../tokens/refresh-rules.ts';
import { hasIdToken } from '../tokens/sign-id-token.ts';
import { type Answer, answerTo } from './answer-to-proven-caller.ts';
import { type Known, recordRefusals } from './audit-refusals.ts';
import type { TokenContext } from './context.ts';

/** The client that sent the request, and from where. */
interface Asker {
  readonly authenticated: Authenticated;
  /** The keys that were shown. */
  readonly confirmation: Confirmation | undefined;
  readonly source: RequestSource;
}

/** What may be issued, and the refresh token that goes with it. */
interface Decided {
  readonly caller: Caller;
  readonly admitted: Admitted;
  readonly refresh_token: string | undefined;
  readonly keys: IssuingKeys;
}

/** A refusal that rolls the transaction back: a wrong scope or a lost key does not spend the code. */
class RolledBack extends Error {
  readonly refusal: GrantRefusal;
  constructor(refusal: GrantRefusal) {
    super(refusal.reason);
    this.refusal = refusal;
  }
}

/** Answers a token request. Throws OAuthError. */
export function token(context: TokenContext, request: BackChannelRequest): Promise<Answer<TokenResponse>> {
  const refusal = { type: 'token.refused', source: request.source } as const;
  return recordRefusals(context, refusal, (known) => answer(context, request, known));
}

async function answer(
  context: TokenContext,
  request: BackChannelRequest,
  known: Known,
): Promise<Answer<TokenResponse>> {
  const parameters = parseParameters(request.pairs);
  return asClient(context, { parameters, request }, (authenticated) => {
    known.client_id = authenticated.client.client_id;
    return tokenFor(context, authenticated, request, parameters, known);
  });
}

/** Uses the client as it was read; if the client has changed when the transaction checks it, nothing is spent. */
async function tokenFor(
  context: TokenContext,
  authenticated: Authenticated,
  request: BackChannelRequest,
  parameters: Parameters,
  known: Known,
): Promise<Answer<TokenResponse>> {
  const { client } = authenticated;
  const grant = selectGrant(client, parameters);
  known.details = { grant_type: grant.grantType };
  const own = parseOwnParameters(grant, parameters);
  const confirmation = await showKeys(context, authenticated, request);
  const found = await grant.look(context, client, own, confirmation);
  const asker = { authenticated, confirmation, source: request.source };
  const decided = isRefusal(found) ? found : await decide(context, grant, asker, parameters, found);
  if (isRefusal(decided)) throwRefusal(decided as GrantRefusal);
  const { admitted, refresh_token, keys } = decided;
  return answerTo(decided.caller, await issueTokens(context, admitted, refresh_token, keys));
}

/** What the tokens are to be bound to. Throws OAuthError where what the request shows is wrong. */
async function showKeys(
  context: BindingContext,
  { client, unspent }: Authenticated,
  request: BackChannelRequest,
): Promise<Confirmation | undefined> {
  const shown = await proveBindings(context, { request, client, token: undefined });
  if (isRefusal(shown)) throwRefusal(shown);
  unspent.add(shown.toSpend);
  return shown.confirmation;
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

/**
 * Spends and admits in one short transaction. A grant that spends nothing has no transaction, except to note once a day
 * that a self-registered client is used.
 */
async function decide(
  context: TokenContext,
  grant: Grant,
  asker: Asker,
  parameters: Parameters,
  found: object,
): Promise<Decided | GrantRefusal> {
  const { authenticated, confirmation, source } = asker;
  const { client } = authenticated;
  const scope = grant.ignoresScope ? undefined : parameters.get('scope');
  const asked = { caller: authenticated, confirmation, scope, resources: namedResources(parameters) };
  // Before anything is spent, or recorded as issued.
  const opened = await openSigningKeys(context, client);
  // The client's key may have to be fetched, which may fail. A client that acts for itself gets no ID token.
  const encryption = grant.forUser ? await resolveEncryption(context, client, 'id_token') : IN_CLEAR;
  const keys = { ...opened, encryption };
  if (!grant.spend) {
    const admitted = await admit(context, context.db, { proof: grant.proof(found), ...asked });
    if (isRefusal(admitted)) return admitted;
    const usable = checkKeys(admitted, keys);
    if (usable !== PASSED) return usable;
    const caller = await settleNotingUse(context, authenticated);
    context.audit.append(issuedEvent(admitted, grant, asker));
    return { caller, admitted, refresh_token: refreshTokenFor(context, admitted), keys };
  }
  const { spend } = grant;
  try {
    return await writeAs(context, authenticated, async (tx, caller) => {
      const proof = await spend(context, tx, found, source);
      if (isRefusal(proof)) return proof;
      return { caller, ...(await admitSpent(context, tx, grant, { proof, keys, ...asked }, asker)) };
    });
  } catch (error) {
    if (error instanceof RolledBack) return error.refusal;
    throw error;
  }
}

async function admitSpent(
  context: TokenContext,
  tx: Tx,
  grant: Grant,
  { keys, ...asked }: GateRequest & { readonly keys: IssuingKeys },
  asker: Asker,
): Promise<Omit<Decided, 'caller'>> {
  const admitted = await admit(context, tx, asked);
  if (isRefusal(admitted)) throw new RolledBack(admitted);
  const usable = checkKeys(admitted, keys);
  if (usable !== PASSED) throw new RolledBack(usable);
  const refresh_token = refreshTokenFor(context, admitted);
  const { client } = admitted;
  if (isUseToNote(context, client)) await noteUse(context, tx, client);
  context.audit.record(tx, issuedEvent(admitted, grant, asker));
  return { admitted, refresh_token, keys };
}

/** Whether all that is to be issued can be signed, and encrypted where its client wants that. Throws as `signing` does. */
function checkKeys(admitted: Admitted, keys: IssuingKeys): Checked<NoEncryptionKey> {
  keys.signing(admitted.accessTokenAlg);
  if (!hasIdToken(admitted)) return PASSED;
  keys.signing(admitted.client.metadata.id_token_signed_response_alg);
  return isRefusal(keys.encryption) ? keys.encryption : PASSED;
}

async function settleNotingUse(context: TokenContext, authenticated: Authenticated): Promise<Caller> {
  const { client } = authenticated;
  if (!isUseToNote(context, client)) return settle(context, authenticated);
  return writeAs(context, authenticated, async (tx, caller) => {
    await noteUse(context, tx, client);
    return caller;
  });
}

/** The first refresh token of the grant, or the successor of the one that was spent, where the client may refresh. */
function refreshTokenFor(context: TokenContext, { proof, grant, client }: Admitted): string | undefined {
  if (proof.kind === 'client' || !grant || !mayRefresh(grant, client)) return undefined;
  return refreshTokenOf(context, grant, proof.generation ?? 0);
}

function issuedEvent(admitted: Admitted, grant: Grant, { authenticated, source }: Asker) {
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
      scope: admitted.access.scope.join(' '),
      ...(!isAsRegistered && { auth_method }),
    },
  } as const;
}
