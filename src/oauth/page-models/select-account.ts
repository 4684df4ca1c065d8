/** What the account chooser shows and decides. OpenID Connect Core §3.1.2.1 prompt=select_account */
import {
  activateSession,
  type BrowserSessions,
  findBrowserSessions,
  listBrowserSessions,
  type SessionCookies,
} from '../../identity/sessions/several-sessions-in-browser.ts';
import { findUser, findUserByUsername, type User } from '../../identity/users/users.ts';
import type { InteractionContext } from '../authorization/context.ts';
import { readInteraction } from '../authorization/interaction.ts';
import { withDone, withoutDone } from '../authorization/steps/done-steps.ts';
import { login } from '../authorization/steps/login.ts';
import { ANOTHER_ACCOUNT, selection } from '../authorization/steps/read-selected-account.ts';
import { changeDone } from '../authorization/stored-done-steps.ts';
import type { OAuthContext } from '../context.ts';

export interface SelectableAccount {
  readonly sid: string;
  readonly username: string;
  readonly email: string | undefined;
  /** The one that login_hint names, else the one in use. */
  readonly isPreselected: boolean;
}

export interface AccountSituation {
  /** undefined where no app asked, as its name is. */
  readonly client_id: string | undefined;
  readonly clientName: string | undefined;
  readonly uiLocales: string | undefined;
  /** The preselected one first. */
  readonly accounts: readonly SelectableAccount[];
}

/** Without an interaction the user changes the account, and no app asked. */
export interface AccountCall extends SessionCookies {
  readonly browser?: string | undefined;
  readonly interaction: string | undefined;
}

/** Throws OAuthError where the interaction is over or another browser's. */
export async function accountSituation(
  context: InteractionContext,
  call: AccountCall,
): Promise<AccountSituation> {
  const interaction = await findInteraction(context, call);
  const sessions = await findBrowserSessions(context, call);
  const hint = interaction?.request.asked.login_hint;
  const hinted = hint === undefined ? undefined : await findUserByUsername(context, hint);
  const all = listBrowserSessions(sessions);
  const preselected = all.find(({ session }) => session.sub === hinted?.sub) ?? sessions.active;
  const shown = preselected ? [preselected, ...all.filter((one) => one !== preselected)] : all;
  return {
    client_id: interaction?.client?.client_id,
    clientName: interaction?.client?.metadata.client_name,
    uiLocales: interaction?.request.target?.ui_locales,
    accounts: await Promise.all(
      shown.map(async ({ session }) => ({
        sid: session.sid,
        ...namesOf(await findUser(context, session.sub)),
        isPreselected: session === preselected?.session,
      })),
    ),
  };
}

function namesOf(user: User | undefined): Pick<SelectableAccount, 'username' | 'email'> {
  return { username: user?.username ?? '', email: user?.email };
}

/**
 * Makes the session active and remembers the choice; undefined where it is over by now. Throws OAuthError where the
 * interaction is over or another browser's.
 */
export async function selectAccount(
  context: InteractionContext,
  call: AccountCall & { readonly sid: string },
): Promise<BrowserSessions | undefined> {
  const interaction = await findInteraction(context, call);
  const sessions = activateSession(await findBrowserSessions(context, call), call.sid);
  const sub = sessions?.active?.session.sub;
  if (interaction && sub !== undefined) await remember(context, interaction.row.interaction_id, sub);
  return sessions;
}

/** The user chose none of them, and signs in next. Throws as {@link selectAccount} does. */
export async function selectAnotherAccount(context: InteractionContext, call: AccountCall): Promise<void> {
  const interaction = await findInteraction(context, call);
  if (interaction) await remember(context, interaction.row.interaction_id, ANOTHER_ACCOUNT);
}

async function findInteraction(context: InteractionContext, { interaction, browser }: AccountCall) {
  return interaction === undefined ? undefined : readInteraction(context, interaction, browser);
}

/** Until another is chosen. `ANOTHER_ACCOUNT` excludes all who are signed in, also one who signed in in this interaction. */
async function remember(
  context: Pick<OAuthContext, 'db'>,
  interactionId: string,
  sub: string,
): Promise<void> {
  await context.db.write((tx) =>
    changeDone(tx, interactionId, (done) =>
      withDone(sub === ANOTHER_ACCOUNT ? withoutDone(done, login) : done, selection, { sub }),
    ),
  );
}
