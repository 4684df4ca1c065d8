/** Which of the people who are signed in in one browser a request is about. OpenID Connect Core §3.1.2.1 id_token_hint */
import type { SessionReadContext } from '../../identity/context.ts';
import { findSession } from '../../identity/sessions/find-live-sessions.ts';
import type { Session } from '../../identity/sessions/session-type.ts';
import {
  findBrowserSessions,
  type SessionCookies,
} from '../../identity/sessions/several-sessions-in-browser.ts';
import type { AskedRequest } from './authorization-request-types.ts';
import type { Done } from './situation-for-next-step.ts';
import { doneIn } from './steps/done-steps.ts';
import { login } from './steps/login.ts';
import { selectionIn } from './steps/read-selected-account.ts';

export interface AccountOfRequest {
  readonly session: Session | undefined;
  /** How many are signed in beside the active one. */
  readonly otherAccounts: number;
}

/**
 * The active account, unless the request hints at another that is signed in too. An account that was chosen, or signed in
 * to, during the interaction takes precedence over the hint.
 */
export async function accountFor(
  context: SessionReadContext,
  cookies: SessionCookies,
  request: Pick<AskedRequest, 'asked'>,
  done: Done,
): Promise<AccountOfRequest> {
  const { active, others } = await findBrowserSessions(context, cookies);
  const otherAccounts = others.length;
  const session = active?.session;
  const isDecided = selectionIn(done) !== undefined || doneIn(done, login) !== undefined;
  const hinted = others.find((other) => other.session.sub === request.asked.hinted_sub);
  if (isDecided || !hinted) return { session, otherAccounts };
  return { session: await findSession(context, hinted.cookieValue), otherAccounts };
}
