import { endSession } from '../../identity/sessions.ts';
import { findUser } from '../../identity/users.ts';
import { formFields } from '../form.ts';
import { sourceOf } from '../source.ts';
import { checkForm, type Page, seeOther, sessionOf, showForm, showPage } from './page.ts';

/** Asks, then ends the session; a GET alone ends nothing (OpenID Connect RP-Initiated Logout §6). */
export const logoutPage: Page = {
  path: '/logout',

  async show(tools, request, reply) {
    const session = await sessionOf(tools, request);
    if (!session) return showPage(tools, reply, 'signed-out', {});
    const user = await findUser(tools, session.sub);
    return showForm(tools, request, reply, {
      view: 'logout',
      purpose: 'logout',
      data: { username: user?.username ?? '' },
    });
  },

  async submit(tools, request, reply) {
    const session = await sessionOf(tools, request);
    if (session) {
      checkForm(tools, request, formFields(request.body), 'logout');
      await endSession(tools, session.sid, sourceOf(tools, request));
      // Only here: a POST from another site carries no cookie, and must not take one away either.
      tools.cookies.clear(reply, 'session');
    }
    return seeOther(tools, reply, '/signed-out');
  },
};

export const signedOutPage: Page = {
  path: '/signed-out',
  show: async (tools, _request, reply) => showPage(tools, reply, 'signed-out', {}),
};
