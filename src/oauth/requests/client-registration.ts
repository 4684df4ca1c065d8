/** A client registers itself. RFC 7591 §3 */

import { isRefusal } from '../../lib/outcome.ts';
import { sha256 } from '../../lib/sha256-and-hmac.ts';
import { newSecretValue } from '../../lib/time-ordered-ids-and-secrets.ts';
import type { BackChannelRequest } from '../back-channel-request.ts';
import { createClient } from '../clients/create-and-update-clients.ts';
import { checkInitialAccess, spendInitialAccess } from '../clients/initial-access-tokens.ts';
import { draftOf } from '../clients/self-registration-metadata.ts';
import { callerProven, OPEN_TO_EVERYBODY } from '../proof-caller-was-authenticated.ts';
import { type Answer, answerTo } from './answer-to-proven-caller.ts';
import { recordRefusals } from './audit-refusals.ts';
import { informationOf } from './client-information-response.ts';
import type { RegisteringContext } from './context.ts';
import { checkLimit, limitRegistrations } from './registration-limits.ts';
import {
  accepted,
  by,
  checkSector,
  refusalOf,
  selfServed,
  shownToken,
} from './registration-token-grants-and-refusals.ts';

/** RFC 7591 §3.2.1: the client information response. Throws OAuthError. */
export function registerClient(
  context: RegisteringContext,
  request: BackChannelRequest,
): Promise<Answer<object>> {
  return recordRefusals(context, refusalOf(request), () => register(context, request));
}

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
