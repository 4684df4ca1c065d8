/** RFC 7592: a client reads, replaces and deletes its own registration. */

import type { IdentityContext } from '../../identity/context.ts';
import { addressBucket } from '../../lib/address-bucket.ts';
import { equalInConstantTime } from '../../lib/constant-time.ts';
import { sha256 } from '../../lib/sha256-and-hmac.ts';
import type { ClientRow } from '../../storage/tables/clients.ts';
import type { BackChannelRequest } from '../back-channel-request.ts';
import { checkSecret } from '../clients/authentication/check-client-secret.ts';
import { isProven } from '../clients/authentication/prove-client-by-comparison.ts';
import type { Client } from '../clients/client.ts';
import type { ClientsContext } from '../clients/context.ts';
import { replaceClient } from '../clients/create-and-update-clients.ts';
import { beginDeletion } from '../clients/delete-client-in-pieces.ts';
import { draftOf } from '../clients/self-registration-metadata.ts';
import { OAuthError } from '../errors.ts';
import { type Caller, callerProven } from '../proof-caller-was-authenticated.ts';
import { type Answer, answerTo } from './answer-to-proven-caller.ts';
import { recordRefusals } from './audit-refusals.ts';
import { informationOf } from './client-information-response.ts';
import type { OwnRegistrationContext, RegisteringContext } from './context.ts';
import { limitRequests } from './registration-limits.ts';
import {
  accepted,
  by,
  checkSector,
  refusalOf,
  selfServed,
  shownToken,
  wrongToken,
} from './registration-token-grants-and-refusals.ts';

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
