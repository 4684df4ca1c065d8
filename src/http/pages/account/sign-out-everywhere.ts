import { isSignedInAnywhere } from '../../../identity/sessions/find-live-sessions.ts';
import { endEverySession, notifiedApps } from '../../../oauth/page-models/end-one-or-every-session.ts';
import { sourceOf } from '../../request-source.ts';
import { SIGNED_OUT, showSignedOut } from '../signed-out.ts';
import { NOT_LINKED, NOTHING_MORE, signedInPage } from './make-signed-in-page.ts';

const PATH = '/account/sign-out-everywhere';

/** Signs out everywhere. ASVS V7.4.3: ends every session, on every device, and names the apps that are notified. */
export const everywherePage = signedInPage(PATH, {
  linkedAs: NOT_LINKED,
  needsForSubmit: NOTHING_MORE,
  async show({ tools, session, show }) {
    return show('account/everywhere', { apps: await notifiedApps(tools, session) });
  },

  async submit({ tools, request, reply, session, leave }) {
    const frames = await endEverySession(tools, session, sourceOf(tools, request));
    return frames ? showSignedOut(tools, request, reply, { frames }) : leave();
  },

  // If another session ended this one, further sessions may still be live.
  over: async (tools, request) =>
    (await isSignedInAnywhere(tools, tools.cookies.read(request, 'session'))) ? undefined : SIGNED_OUT,
});
