/** One look at an authorization: the next page, or the end that its purpose has for it. */
import type { RequestSource } from '../../audit/request-source.ts';
import type { SessionCookies } from '../../identity/sessions/several-sessions-in-browser.ts';
import { newSecretValue } from '../../lib/time-ordered-ids-and-secrets.ts';
import { accountFor } from './account-of-request.ts';
import type { AskedRequest } from './authorization-request-types.ts';
import type { LookContext, StoreContext } from './context.ts';
import { type Dispatch, dispatch } from './decide-next-step.ts';
import { situationOf } from './gather-situation.ts';
import { type Interaction, storeInteraction, type Wanted } from './interaction.ts';
import { spendInteraction } from './mark-refused-interaction-spent.ts';
import type { Ending, Outcome } from './purposes/purpose.ts';
import { NOTHING_DONE } from './steps/done-steps.ts';
import type { Step } from './steps/step.ts';

/** The values of the browser's cookies, where it sent them. */
export interface Browser extends SessionCookies {
  readonly browser?: string | undefined;
  readonly source: RequestSource;
}

/** What the pages of an authorization carry: the app too, for when nothing else is known of it any more. */
export interface Begun {
  readonly interaction: string;
  /** undefined where no app asked. */
  readonly client_id: string | undefined;
}

/** Show this page; `browser` is a new value for the browser's cookie. */
export interface PageOfStep extends Begun {
  readonly kind: 'page';
  readonly page: string;
  readonly browser?: string;
}

/**
 * `stored` is undefined at the first look; a page that has to be shown stores what is wanted. Returns undefined where the
 * situation had changed when the outcome was to be stored: look again.
 */
export async function continueAuthorization(
  context: LookContext,
  wanted: Wanted,
  stored: Pick<Interaction, 'row' | 'done'> | undefined,
  call: Browser,
): Promise<Outcome | PageOfStep | undefined> {
  const { purpose, request, client } = wanted;
  const interactionId = stored?.row.interaction_id;
  const done = stored?.done ?? NOTHING_DONE;
  const account = await accountFor(context, call, request, done);
  const situation = await situationOf(context, { client, request, account, done });
  const found = dispatch(situation);
  if (found.kind === 'page') return pageOf(context, wanted, { step: found.next.step, interactionId, call });
  const ending = { context, situation, interactionId, source: call.source };
  if (found.kind === 'complete') return purpose.complete(ending);
  if (interactionId !== undefined) await spendInteraction(context, interactionId);
  return endOf(wanted, ending, found);
}

function endOf(
  { purpose }: Wanted,
  ending: Ending<AskedRequest>,
  found: Exclude<Dispatch, { readonly kind: 'page' | 'complete' }>,
): Outcome | Promise<Outcome> {
  switch (found.kind) {
    case 'denied':
      return purpose.denied(ending);
    case 'out_of_reach':
      return purpose.outOfReach(ending);
    case 'other_user':
      return purpose.otherUser(ending, found.next);
    case 'silent':
      return purpose.silent(ending, found.next);
  }
}

async function pageOf(
  context: StoreContext,
  wanted: Wanted,
  { step, interactionId, call }: { step: Step; interactionId: string | undefined; call: Browser },
): Promise<PageOfStep> {
  const client_id = wanted.client?.client_id;
  const { page } = step;
  if (interactionId !== undefined) return { kind: 'page', page, interaction: interactionId, client_id };
  const browser = call.browser ?? newSecretValue(context.clock, context.random);
  const interaction = await storeInteraction(context, wanted, { browser, source: call.source });
  return { kind: 'page', page, interaction, client_id, ...(call.browser === undefined && { browser }) };
}
