/** What a page of the account wants of who sees it, beyond a session. ASVS V7.5.3 */
import { PASSED } from '../../lib/outcome.ts';
import { NOTHING_ASKED } from '../authorization/authorization-request.ts';
import type { LookContext } from '../authorization/context.ts';
import { type Browser, continueAuthorization, type PageOfStep } from '../authorization/next-page-or-end.ts';
import { type AccountRequest, account } from '../authorization/purposes/account.ts';

/** The page that they are sent to. */
export type StepBefore = PageOfStep;

export interface PageNeeds {
  /** They signed in so many seconds ago at most. */
  readonly maxAgeSeconds?: number;
  /** They signed in in a way that reaches one of these. */
  readonly acr?: readonly string[];
}

/**
 * Whether who is signed in meets the needs; else the page that comes first, from which they come back to `path`. Throws
 * OAuthError where an address had more stored than one may.
 */
export async function checkPageNeeds(
  context: LookContext,
  call: Browser & { readonly path: string; readonly needs: PageNeeds },
): Promise<typeof PASSED | StepBefore> {
  const { path, needs } = call;
  const acr = { essential: needs.acr !== undefined, values: needs.acr ?? [] };
  const request: AccountRequest = { path, asked: { ...NOTHING_ASKED, max_age: needs.maxAgeSeconds, acr } };
  const outcome = await continueAuthorization(
    context,
    { purpose: account, request, client: undefined },
    undefined,
    call,
  );
  if (outcome?.kind === 'page') return outcome;
  if (outcome?.kind === 'own_page') return PASSED;
  throw new Error('a page of the account ends in itself');
}
