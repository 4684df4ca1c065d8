/** What the login page shows, and what a sign-in there does for its interaction. OpenID Connect Core §3.1.2.3 */
import type { IdentityContext } from '../../identity/context.ts';
import type { Session } from '../../identity/sessions/session-type.ts';
import type { SessionCookies } from '../../identity/sessions/several-sessions-in-browser.ts';
import { findUser } from '../../identity/users/users.ts';
import { accountFor } from '../authorization/account-of-request.ts';
import type { AskedRequest } from '../authorization/authorization-request-types.ts';
import { isInteractionOf } from '../authorization/check-browser-of-interaction.ts';
import type { InteractionContext } from '../authorization/context.ts';
import { isNeeded } from '../authorization/decide-next-step.ts';
import { situationOf } from '../authorization/gather-situation.ts';
import { readInteraction } from '../authorization/interaction.ts';
import { login } from '../authorization/steps/login.ts';
import { ANOTHER_ACCOUNT, selectionIn } from '../authorization/steps/read-selected-account.ts';
import { noteDone } from '../authorization/stored-done-steps.ts';
import { type ShownClient, shownClient } from '../clients/client-shown-on-pages.ts';
import { OAuthError } from '../errors.ts';

export interface LoginSituation {
  /** The languages that the app asks for. */
  readonly uiLocales: string | undefined;
  /** undefined where no app asks; so are the next two. */
  readonly client_id: string | undefined;
  readonly clientName: string | undefined;
  readonly shownClient: ShownClient | undefined;
  /** The name that the form begins with: the hinted one, or the user who is asked once more. */
  readonly username: string;
  /** Whether the app asks for a user who is not signed in. The form does not name them: the app may not learn the name. */
  readonly isOtherUserHinted: boolean;
}

/** Throws OAuthError where the interaction is over or another browser's. */
export async function loginSituation(
  context: InteractionContext,
  call: SessionCookies & { interaction: string; browser?: string | undefined },
): Promise<LoginSituation> {
  const { client, request, done } = await readInteraction(context, call.interaction, call.browser);
  const selected = selectionIn(done);
  const username = selected ? undefined : request.asked.login_hint;
  const { session } = await accountFor(context, call, request, done);
  const isAskedAgain = selected !== ANOTHER_ACCOUNT && !isHintedElsewhere(request, session);
  const user = session && isAskedAgain ? await findUser(context, session.sub) : undefined;
  return {
    client_id: client?.client_id,
    clientName: client?.metadata.client_name,
    shownClient: client && shownClient(client),
    uiLocales: request.target?.ui_locales,
    username: username ?? user?.username ?? '',
    isOtherUserHinted: isHintedElsewhere(request, session),
  };
}

/** Whether the user has to sign in (again). False for a faulty interaction: the authorization reports that itself. */
export async function isLoginNeeded(
  context: InteractionContext & Pick<IdentityContext, 'claimCatalogue'>,
  call: SessionCookies & { interaction: string; browser?: string | undefined },
): Promise<boolean> {
  try {
    const { client, request, done } = await readInteraction(context, call.interaction, call.browser);
    const account = await accountFor(context, call, request, done);
    return isNeeded(await situationOf(context, { client, request, account, done }), login);
  } catch (error) {
    if (error instanceof OAuthError) return false;
    throw error;
  }
}

/** Notes the sign-in in its interaction, if that is bound to this browser. */
export async function signedInFor(
  context: Pick<IdentityContext, 'db'>,
  { interaction, browser }: { readonly interaction: string; readonly browser: string | undefined },
  sid: string,
): Promise<void> {
  await context.db.write(async (tx) => {
    if (await isInteractionOf(tx, interaction, browser)) await noteDone(tx, interaction, login, { sid });
  });
}

function isHintedElsewhere({ asked: { hinted_sub } }: AskedRequest, session: Session | undefined): boolean {
  return hinted_sub !== undefined && hinted_sub !== session?.sub;
}
