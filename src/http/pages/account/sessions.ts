import { endOtherSessions, endSession, listSessionsOf } from '../../../identity/sessions.ts';
import { queryPairs } from '../../form.ts';
import { sourceOf } from '../../source.ts';
import { seeOther, showForm } from '../page.ts';
import { nameDevice } from './device.ts';
import { signedInPage } from './signed-in.ts';

const PATH = '/account/sessions';
const NOTICES = ['password-changed', 'session-ended', 'sessions-ended'];

/** ASVS V7.5.2 */
export const sessionsPage = signedInPage(PATH, {
  async show({ tools, request, reply, session }) {
    const sessions = await listSessionsOf(tools, session.sub);
    const wanted = new Map(queryPairs(request.url)).get('notice');
    const data = {
      notice: NOTICES.find((notice) => notice === wanted),
      sessions: sessions.map((one) => ({
        sid: one.sid,
        current: one.sid === session.sid,
        device: nameDevice(one.userAgent),
        address: one.address,
        signedInAt: new Date(one.authTimeMs).toISOString(),
        lastSeenAt: new Date(one.seenAtMs).toISOString(),
      })),
    };
    return showForm(tools, request, reply, { view: 'account/sessions', purpose: PATH, data });
  },

  async submit({ tools, request, reply, session, fields }) {
    const source = sourceOf(tools, request);
    if (fields.all === '1') {
      await endOtherSessions(tools, session, source);
      return seeOther(tools, reply, `${PATH}?notice=sessions-ended`);
    }
    const own = (await listSessionsOf(tools, session.sub)).find((one) => one.sid === fields.sid);
    if (own) await endSession(tools, own.sid, source);
    if (own?.sid === session.sid) {
      tools.cookies.clear(reply, 'session');
      return seeOther(tools, reply, '/signed-out');
    }
    return seeOther(tools, reply, `${PATH}?notice=session-ended`);
  },
});
