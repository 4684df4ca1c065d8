/** Which of the accounts signed in in one browser a request is about. OpenID Connect Core §3.1.2.1 id_token_hint */
import { type AccountCookies, findAccounts } from '../../identity/sessions/accounts.ts';
import { findSession } from '../../identity/sessions/live-session.ts';
import type { Session } from '../../identity/sessions/sessions.ts';
import type { InteractionRow } from '../../storage/tables/interactions.ts';
import type { OAuthContext } from '../context.ts';
import type { AuthorizationRequest } from './request-shape.ts';

export interface AccountOfRequest {
  readonly session: Session | undefined;
  /** How many wait beside the active one. */
  readonly otherAccounts: number;
}

/**
 * The active account, unless the request hints at another that is signed in too; who chose or signed in during the
 * interaction is not overruled.
 */
export async function accountFor(
  context: OAuthContext,
  cookies: AccountCookies,
  request: AuthorizationRequest,
  row?: Pick<InteractionRow, 'selected_sub' | 'signed_in_sid'>,
): Promise<AccountOfRequest> {
  const { active, others } = await findAccounts(context, cookies);
  const otherAccounts = others.length;
  const session = active?.session;
  const isDecided = row && (row.selected_sub !== null || row.signed_in_sid !== null);
  const hinted = others.find((other) => other.session.sub === request.asked.hinted_sub);
  if (isDecided || !hinted) return { session, otherAccounts };
  return { session: await findSession(context, hinted.cookieValue), otherAccounts };
}
