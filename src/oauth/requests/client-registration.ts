/** Clients that register themselves, and what they may do with their registration. RFC 7591 §3, RFC 7592 §2 */

import type { RequestSource } from '../../audit/events.ts';
import { actingAs } from '../../audit/write-in-transaction-or-batch.ts';
import { findPause, registrationPolicy, reserveAttempt } from '../../identity/attempts/throttling.ts';
import type { IdentityContext } from '../../identity/context.ts';
import { equalInConstantTime } from '../../lib/constant-time.ts';
import { addressBucket } from '../../lib/ip-address-checks.ts';
import { isRefusal, type Refusal, refuse } from '../../lib/outcome.ts';
import type { Reason } from '../../lib/refusal-reason.ts';
import { sha256 } from '../../lib/sha256-and-hmac.ts';
import { newSecretValue } from '../../lib/time-ordered-ids-and-secrets.ts';
import type { Reader } from '../../storage/database.ts';
import { type ClientRow, countRegisteredClients } from '../../storage/tables/clients.ts';
import { authorizationOf, tokenOf } from '../authorization-header.ts';
import type { BackChannelRequest } from '../back-channel-request.ts';
import { checkSecret } from '../clients/authentication/client-secret.ts';
import { isProven } from '../clients/authentication/proven-or-unproven-client.ts';
import { findSectorFault } from '../clients/check-sector-identifier-uri.ts';
import type { Client } from '../clients/client.ts';
import type { ClientsContext } from '../clients/context.ts';
import { createClient, replaceClient } from '../clients/create-and-update-clients.ts';
import { checkInitialAccess, spendInitialAccess, throwIfSpent } from '../clients/initial-access-tokens.ts';
import { registrationResponse } from '../clients/registration-response.ts';
import type { Registered, RegistryRefusal } from '../clients/registry-result-and-audit.ts';
import { beginDeletion } from '../clients/remove-clients.ts';
import { draftOf } from '../clients/self-registration-metadata.ts';
import type { OAuthContext } from '../context.ts';
import { OAuthError } from '../errors.ts';
import { grants } from '../grants/index.ts';
import { type Caller, callerProven, OPEN_TO_EVERYBODY } from '../proven-caller.ts';
import { tokenChallenge } from '../token-challenge.ts';
import { type Answer, answerTo } from './answer-to-proven-caller.ts';
import { recordRefusals } from './audit-refusals.ts';
import type { OwnRegistrationContext, RegisteringContext } from './context.ts';

/** RFC 7591 §3.2.1: the client information response. Throws OAuthError. */
export function registerClient(
  context: RegisteringContext,
  request: BackChannelRequest,
): Promise<Answer<object>> {
  return recordRefusals(context, refusalOf(request), () => register(context, request));
}

const refusalOf = ({ source }: BackChannelRequest) => ({ type: 'registration.refused', source }) as const;

/** The audit names the token that did it. */
const by = <Context extends Pick<IdentityContext, 'audit'>>(context: Context, token: string): Context => ({
  ...context,
  audit: actingAs(context.audit, token),
});

const selfServed = () => grants.filter(({ selfRegistered }) => selfRegistered);

async function register(context: RegisteringContext, request: BackChannelRequest): Promise<Answer<object>> {
  const initial = await checkInitialAccess(context, shownToken(request));
  await limitRegistrations(context, request.source);
  const draft = draftOf(context, selfServed(), request.json);
  await checkSector(context, draft);
  const own = initial === 'open' ? context : by(context, 'initial_access_token');
  const registration_access_token = newSecretValue(context.clock, context.random);
  const registered = accepted(
    await createClient(own, selfServed(), draft, {
      profile: 'oidc',
      registrationTokenHash: sha256(registration_access_token),
      async provided(tx) {
        const limit = await checkLimit(context, tx);
        return isRefusal(limit) ? limit : spendInitialAccess(context, tx, initial);
      },
    }),
  );
  const caller = initial === 'open' ? OPEN_TO_EVERYBODY : callerProven('initial access token');
  return answerTo(caller, informationOf(context, registered, registration_access_token));
}

/** RFC 7592 §2.1. Throws OAuthError. */
export function readRegistration(
  context: OwnRegistrationContext,
  request: BackChannelRequest,
): Promise<Answer<object>> {
  return recordRefusals(context, refusalOf(request), async () => {
    const { client, token, caller } = await findOwn(context, request);
    return answerTo(caller, informationOf(context, { client }, token));
  });
}

/** RFC 7592 §2.2: what is left out is gone, and the whole is held to the rules again (Y3). Throws OAuthError. */
export function replaceRegistration(
  context: OwnRegistrationContext & RegisteringContext,
  request: BackChannelRequest,
): Promise<Answer<object>> {
  return recordRefusals(context, refusalOf(request), () => replace(context, request));
}

async function replace(
  context: OwnRegistrationContext & RegisteringContext,
  request: BackChannelRequest,
): Promise<Answer<object>> {
  const { client, token, caller } = await findOwn(context, request);
  const body = request.json;
  if ((body as { client_id?: unknown } | null)?.client_id !== client.client_id) {
    throw new OAuthError(
      'invalid_request',
      'wrong_client_id',
      'client_id in the body must be that of this registration',
    );
  }
  throwIfOtherSecret(context, client, body);
  const draft = draftOf(context, selfServed(), body);
  await checkSector(context, draft);
  const own = by(context, 'registration_access_token');
  const replaced = await replaceClient(own, selfServed(), client, draft);
  return answerTo(caller, informationOf(context, accepted(replaced), token));
}

/** RFC 7592 §2.2: an app may name its secret, and not choose one. */
function throwIfOtherSecret({ clock }: Pick<IdentityContext, 'clock'>, client: Client, body: unknown): void {
  const { client_secret: named } = body as { client_secret?: unknown };
  if (named === undefined || named === null || named === '') return;
  if (typeof named === 'string' && isProven(checkSecret(client, [named], clock.nowMs()))) return;
  throw new OAuthError(
    'invalid_client_metadata',
    'wrong_client_secret',
    'client_secret in the body must be the one that was issued; leave it out, as none can be chosen here',
  );
}

/** RFC 7592 §2.3. Throws OAuthError. */
export function deleteRegistration(
  context: OwnRegistrationContext,
  request: BackChannelRequest,
): Promise<Answer<undefined>> {
  return recordRefusals(context, refusalOf(request), async () => {
    const { client, caller } = await findOwn(context, request);
    // Meanwhile the client may have been disabled, or replaced by another with its client_id.
    const isOwn = (row: ClientRow) =>
      row.registration_token === client.registrationTokenHash && row.disabled_at === null;
    const own = by(context, 'registration_access_token');
    if (!(await beginDeletion(own, client.client_id, isOwn))) throw wrongToken();
    return answerTo(caller, undefined);
  });
}

/**
 * RFC 7592 §3: one answer for an unknown client, another's token and a client that an operator made. Wrong tokens have
 * a count of their own: they do not block other clients at the same address.
 */
async function findOwn(
  context: ClientsContext & Pick<IdentityContext, 'clock' | 'db'>,
  request: BackChannelRequest,
): Promise<{ client: Client; token: string; caller: Caller }> {
  const token = shownToken(request) ?? '';
  const client = await context.clients.find(request.pathParameters.client_id ?? '');
  const isOwn = equalInConstantTime(sha256(token), client?.registrationTokenHash ?? '');
  const isRight = client && isOwn && !client.disabled;
  const kind = isRight ? 'registration-management' : 'registration-guess';
  await limitRequests(context, `${kind}:${addressBucket(request.source.address)}`);
  if (isRight) return { client, token, caller: callerProven('registration access token') };
  throw wrongToken();
}

function wrongToken(): OAuthError {
  return new OAuthError(
    'invalid_token',
    'wrong_registration_token',
    'the registration access token is not valid here',
    { challenge: tokenChallenge({ error: 'invalid_token' }) },
  );
}

function informationOf(
  { settings }: Pick<IdentityContext, 'settings'>,
  registered: Registered,
  token: string,
): object {
  const { profile, disabled, first_party, resources, self_registered, ...information } =
    registrationResponse(registered);
  return {
    ...information,
    registration_client_uri: `${settings.issuer}/register/${registered.client.client_id}`,
    registration_access_token: token,
  };
}

async function limitRegistrations(
  context: Pick<IdentityContext, 'clock' | 'db' | 'settings'>,
  source: RequestSource,
): Promise<void> {
  await limitRequests(context, `registration:${addressBucket(source.address)}`);
  if (isRefusal(await checkLimit(context, context.db))) throw limitReached();
}

/** Asked before anything is fetched, and again in the transaction that makes the client. */
async function checkLimit(
  { settings }: Pick<IdentityContext, 'settings'>,
  db: Reader,
): Promise<'room' | Refusal<'conflict'>> {
  if ((await countRegisteredClients(db)) < settings.registration_limit) return 'room';
  return refuse('conflict', 'registration_limit', 'no more clients can be registered');
}

/** Before anything is fetched. */
async function limitRequests(context: Pick<IdentityContext, 'clock' | 'db'>, key: string): Promise<void> {
  const attempt =
    (await findPause(context, context.db, key)) ??
    (await context.db.write(async (tx) => {
      await tx.lockTableOnRetry?.('throttles');
      return reserveAttempt(context, tx, key, registrationPolicy);
    }));
  if (!attempt.allowed) {
    const { retryAfterSeconds } = attempt;
    throw tooMany(
      'too_many_registrations',
      'too many requests about registrations from this address',
      retryAfterSeconds,
    );
  }
}

function limitReached(): OAuthError {
  return tooMany('registration_limit', 'no more clients can be registered; ask the operator', 3600);
}

function tooMany(reason: Reason, description: string, retryAfterSeconds: number): OAuthError {
  return new OAuthError('temporarily_unavailable', reason, description, { status: 429, retryAfterSeconds });
}

async function checkSector(
  context: Pick<OAuthContext, 'log' | 'outbound'>,
  draft: Readonly<Record<string, unknown>>,
): Promise<void> {
  const fault = await findSectorFault(context, draft);
  if (fault !== undefined) throw new OAuthError('invalid_client_metadata', 'refused_sector', fault);
}

function accepted(outcome: Registered | RegistryRefusal): Registered {
  if (!isRefusal(outcome)) return outcome;
  throwIfSpent(outcome);
  if (outcome.reason === 'registration_limit') throw limitReached();
  if (outcome.error === 'not_found') throw wrongToken();
  const isRedirect = outcome.error === 'invalid_redirect_uri';
  const error = isRedirect ? 'invalid_redirect_uri' : 'invalid_client_metadata';
  throw new OAuthError(error, outcome.reason, outcome.description);
}

function shownToken(request: BackChannelRequest): string | undefined {
  const bearer = tokenOf(authorizationOf(request));
  return bearer === 'malformed' ? undefined : bearer?.token;
}
