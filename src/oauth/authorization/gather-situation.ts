/** What is so of one authorization at one moment. */
import { isAssured, type WantedAssurance } from '../../identity/assurance.ts';
import type { IdentityContext } from '../../identity/context.ts';
import type { Factor } from '../../identity/factors/factor.ts';
import { factors } from '../../identity/factors/index.ts';
import type { Session } from '../../identity/sessions/session-type.ts';
import { type ConsentRow, findConsent } from '../../storage/tables/consents.ts';
import { allowedBy } from '../access/consent-with-claims-of-scopes.ts';
import { parseAccess } from '../access/stored-access.ts';
import type { Client } from '../clients/client.ts';
import type { OAuthContext } from '../context.ts';
import type { AccountOfRequest } from './account-of-request.ts';
import type { AskedRequest } from './authorization-request-types.ts';
import type { Done, Situation } from './situation-for-next-step.ts';

/** What is asked of whom, and what was done so far. */
export interface Parts<Request extends AskedRequest> {
  readonly client: Client | undefined;
  readonly request: Request;
  readonly account: AccountOfRequest;
  readonly done: Done;
}

/** The facts of the moment. */
export async function situationOf<Request extends AskedRequest>(
  context: Pick<IdentityContext, 'claimCatalogue' | 'clock' | 'db'>,
  { client, request, account, done }: Parts<Request>,
): Promise<Situation<Request>> {
  const { session, otherAccounts } = account;
  const remembered = session && client && (await findConsent(context.db, session.sub, client.client_id));
  return {
    client,
    request,
    session,
    otherAccounts,
    consent: consentOf(context, remembered),
    factors: await factorsFor(context, session, request.asked.acr),
    done,
    nowMs: context.clock.nowMs(),
  };
}

/** Those that the person has, where they are missing in their sign-in. */
async function factorsFor(
  { db }: Pick<IdentityContext, 'db'>,
  session: Session | undefined,
  acr: WantedAssurance,
): Promise<readonly Factor[]> {
  if (!session || isAssured(session.amr, acr)) return [];
  const enrolled = await Promise.all(factors.map((factor) => factor.isEnrolled(db, session.sub)));
  return factors.filter((_factor, index) => enrolled[index]);
}

/** What was allowed, as the steps see it. */
export function consentOf(
  { claimCatalogue }: Pick<OAuthContext, 'claimCatalogue'>,
  remembered: Pick<ConsentRow, 'access'> | undefined,
): Situation['consent'] {
  return remembered && allowedBy(claimCatalogue, parseAccess(remembered.access));
}
