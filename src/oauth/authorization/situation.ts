/** What is so of one authorization at one moment, and what is still missing in it. */
import { type ConsentRow, findConsent } from '../../storage/tables/consents.ts';
import type { InteractionRow } from '../../storage/tables/interactions.ts';
import { consentedClaims } from '../claims-request.ts';
import type { Client } from '../clients/client.ts';
import type { OAuthContext } from '../context.ts';
import { parseScope } from '../scope.ts';
import type { AccountOfRequest } from './account.ts';
import type { AuthorizationRequest } from './request-shape.ts';
import { steps } from './steps/index.ts';
import { NOTHING_NEEDED, type Situation, type Step } from './steps/step.ts';

/** The facts of the moment. */
export async function situationOf(
  context: OAuthContext,
  parts: {
    client: Client;
    request: AuthorizationRequest;
    account: AccountOfRequest;
    row?: InteractionRow;
  },
): Promise<Situation> {
  const { client, request, row } = parts;
  const { session, otherAccounts } = parts.account;
  const remembered = session && (await findConsent(context.db, session.sub, client.client_id));
  return {
    client,
    request,
    session,
    otherAccounts,
    consent: consentOf(context, remembered),
    interaction: row && interactionOf(row),
    nowMs: context.clock.nowMs(),
  };
}

/** What was allowed, as the steps see it. */
export function consentOf(
  { claimCatalogue }: Pick<OAuthContext, 'claimCatalogue'>,
  remembered: Pick<ConsentRow, 'scope' | 'resources' | 'claims'> | undefined,
): Situation['consent'] {
  return (
    remembered && {
      scope: parseScope(remembered.scope) ?? [],
      resources: JSON.parse(remembered.resources),
      claims: consentedClaims(claimCatalogue, remembered),
    }
  );
}

/** What was decided so far, as the steps see it. */
export function interactionOf(row: InteractionRow): NonNullable<Situation['interaction']> {
  return {
    decision: row.decision ?? undefined,
    decidedSub: row.decided_sub ?? undefined,
    selectedSub: row.selected_sub ?? undefined,
    signedInSid: row.signed_in_sid ?? undefined,
  };
}

/** The step that comes next, and why. */
export interface NextStep {
  readonly step: Step;
  readonly reason: string;
}

/** The first step that is still needed, or the word that none is. */
export function nextStep(situation: Situation): NextStep | typeof NOTHING_NEEDED {
  if (situation.request.refusal && situation.session) return NOTHING_NEEDED;
  for (const step of steps) {
    const need = step.needed(situation);
    if (need !== NOTHING_NEEDED) return { step, reason: need.reason };
  }
  return NOTHING_NEEDED;
}
