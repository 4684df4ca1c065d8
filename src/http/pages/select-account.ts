import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  accountSituation,
  selectAccount,
  selectAnotherAccount,
} from '../../oauth/page-models/select-account.ts';
import type { FormCall } from './accept-own-form-or-any-post.ts';
import { onwardPath } from './account-page-after-sign-in.ts';
import { browserOf, setBrowserSessions } from './browser-session-cookies.ts';
import { ownQuery } from './declared-query-parameters.ts';
import { type Carried, carriedIn, carriedQuery, interactionIn } from './interaction-in-urls-and-forms.ts';
import { leaveNotice, SESSION_OVER, takeNotice } from './notice-cookie.ts';
import { seeOther } from './redirect.ts';
import { showForm } from './show-page-or-form.ts';
import type { PageTools } from './tools-given-to-pages.ts';
import { pageOfInteraction } from './who-may-open-page.ts';

const ANOTHER = 'another';

/**
 * Asks which account is meant. OpenID Connect Core §3.1.2.1 prompt=select_account; without an interaction, to change the
 * account in use.
 */
export const selectAccountPage = pageOfInteraction({
  path: '/select-account',
  notices: SESSION_OVER.notices,

  async show(tools, request, reply) {
    const carried = carriedIn(tools, ownQuery(tools, request));
    const { interaction, onward } = carried;
    const call = { interaction, ...browserOf(tools, request) };
    const { client_id, clientName, uiLocales, accounts } = await accountSituation(tools, call);
    if (accounts.length === 0) {
      // All sessions of this browser ended meanwhile.
      if (interaction !== undefined) leaveNotice(tools, reply, SESSION_OVER, 'over');
      return redirectOnward(tools, reply, carried, `/login${carriedQuery(carried)}`);
    }
    const notice = takeNotice(tools, request, reply);
    return showForm(tools, request, reply, {
      view: 'select-account',
      purpose: purposeOf(interaction),
      data: { client_id, clientName, uiLocales, accounts, interaction, onward, notice },
      leavesOrigin: true,
    });
  },

  form: { purpose: (fields) => purposeOf(interactionIn(fields)), submit: choose },
});

async function choose({ tools, request, reply, fields }: FormCall): Promise<FastifyReply> {
  const carried = carriedIn(tools, fields);
  const { interaction, onward } = carried;
  const call = { interaction, ...browserOf(tools, request) };
  if (fields.account === ANOTHER) {
    await selectAnotherAccount(tools, call);
    const query = new URLSearchParams({ account: ANOTHER, ...(onward !== undefined && { onward }) });
    return redirectOnward(tools, reply, carried, `/login?${query}`);
  }
  const isSelected = await select(tools, request, reply, { ...call, sid: fields.account ?? '' });
  if (isSelected) return redirectOnward(tools, reply, carried, onwardPath(tools, onward));
  // The session ended after the page was shown: the page, or the sign-in if no session is left, shows the notice.
  leaveNotice(tools, reply, SESSION_OVER, 'over');
  return seeOther(tools, reply, `/select-account${carriedQuery(carried)}`);
}

async function select(
  tools: PageTools,
  request: FastifyRequest,
  reply: FastifyReply,
  call: Parameters<typeof selectAccount>[1],
): Promise<boolean> {
  const sessions = await selectAccount(tools, call);
  if (!sessions) return false;
  setBrowserSessions(tools, request, reply, sessions);
  return true;
}

/** Back to the authorization, or to `path` where there is no interaction. */
function redirectOnward(tools: PageTools, reply: FastifyReply, carried: Carried, path: string): FastifyReply {
  const isOfApp = carried.interaction !== undefined;
  return seeOther(tools, reply, isOfApp ? `/authorize/resume${carriedQuery(carried)}` : path);
}

function purposeOf(interaction: string | undefined): string {
  return `select-account ${interaction ?? ''}`;
}
