/** What a page of the account needs of its user beyond a session. ASVS V7.5.3 */
import { SECOND_FACTOR_ACR } from '../../identity/assurance.ts';
import { listLackingFactors } from '../../identity/pending-sign-in.ts';
import { findSession } from '../../identity/sessions/find-live-sessions.ts';
import { PASSED } from '../../lib/outcome.ts';
import { NOTHING_ASKED } from '../authorization/authorization-request-types.ts';
import type { LookContext } from '../authorization/context.ts';
import { type Browser, continueAuthorization, type PageOfStep } from '../authorization/next-page-or-end.ts';
import { type AccountRequest, account } from '../authorization/purposes/account.ts';

/** The page that the user is sent to. */
export type StepBefore = PageOfStep;

/** The notice that a form was not accepted, because more was needed of the user first. */
export const NOTHING_DONE = 'nothing-done';

/** At least one of them. */
export type PageNeeds = (FreshSignIn & Partial<ReachedAcr>) | (ReachedAcr & Partial<FreshSignIn>);

interface FreshSignIn {
  /** The user signed in at most so many seconds ago. */
  readonly maxAgeSeconds: number;
  /** And by a second factor, if the user has one. */
  readonly secondFactor?: typeof WHERE_ENROLLED;
}

/** Of users who have no second factor none is asked for. */
export const WHERE_ENROLLED = 'where enrolled';

interface ReachedAcr {
  /** The sign-in reaches one of these. */
  readonly acr: readonly [string, ...string[]];
}

/**
 * PASSED if the user who is signed in meets the needs; else the page to show first, which leads back to `path`, where
 * `notice` is shown. Throws OAuthError where too many interactions were stored for this address.
 */
export async function checkPageNeeds(
  context: LookContext,
  call: Browser & Pick<AccountRequest, 'path' | 'notice'> & { readonly needs: PageNeeds },
): Promise<typeof PASSED | StepBefore> {
  const { path, notice, needs } = call;
  const values = needs.acr ?? (await valuesOf(context, call));
  const acr = { essential: values.length > 0, values };
  const request: AccountRequest = {
    path,
    notice,
    asked: { ...NOTHING_ASKED, max_age: needs.maxAgeSeconds, acr },
  };
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

/** The acr for a user who has a second factor, if the page needs it of them; none where nobody is signed in yet. */
async function valuesOf(
  context: LookContext,
  { needs, session: cookie }: Pick<Browser, 'session'> & { readonly needs: PageNeeds },
): Promise<readonly string[]> {
  if (needs.secondFactor !== WHERE_ENROLLED) return [];
  const session = await findSession(context, cookie);
  const isEnrolled = session && (await listLackingFactors(context.db, session.sub)).length > 0;
  return isEnrolled ? [SECOND_FACTOR_ACR] : [];
}
