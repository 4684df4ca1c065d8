import { endOtherSessions, endOwnSession } from '../../../identity/sessions/end-sessions.ts';
import { listLiveSessions } from '../../../identity/sessions/find-live-sessions.ts';
import { parsePlace, placeOf } from '../../../identity/sessions/session-list-cursor.ts';
import type { Session } from '../../../identity/sessions/session-type.ts';
import { nameDevice } from '../../../lib/device-name.ts';
import { endThisSession } from '../../../oauth/page-models/end-one-or-every-session.ts';
import { formFields } from '../../form-body.ts';
import { sourceOf } from '../../request-source.ts';
import { ownQuery } from '../declared-query-parameters.ts';
import { SIGNED_OUT, showSignedOut } from '../signed-out.ts';
import { NOTHING_MORE, signedInPage } from './make-signed-in-page.ts';

const SHOWN = 50;

/** The sessions of a user, who can end them. ASVS V7.5.2 */
export const sessionsPage = signedInPage('/account/sessions', {
  linkedAs: 'account.sessions',
  notices: ['password-changed', 'session-ended', 'sessions-ended'],
  query: ['after'],
  needsForSubmit: NOTHING_MORE,
  async show({ tools, request, session, show }) {
    const asked = ownQuery(tools, request);
    const after = parsePlace(asked.after ?? '');
    const found = await listLiveSessions(tools, session.sub, { limit: SHOWN + 1, after });
    const sessions = found.slice(0, SHOWN);
    const last = found.length > SHOWN ? sessions.at(-1) : undefined;
    const data = {
      after: after && asked.after,
      next: last && placeOf(last),
      sessions: sessions.map((one) => describe(one, session)),
    };
    return show('account/sessions', data);
  },

  async submit({ tools, request, reply, session, fields, leave, backWith }) {
    const source = sourceOf(tools, request);
    if (fields.all === '1') {
      const ended = await endOtherSessions(tools, session, source);
      return ended === undefined ? leave() : backWith('sessions-ended');
    }
    const { sid = '' } = fields;
    if (sid === session.sid) {
      const frames = await endThisSession(tools, session, source);
      return frames ? showSignedOut(tools, request, reply, { frames }) : leave();
    }
    if (!(await endOwnSession(tools, session, sid, source))) return leave();
    const { after = '' } = fields;
    return backWith('session-ended', parsePlace(after) && after);
  },

  // The form was sent twice, or its answer was reloaded.
  over: async (_tools, request) => (formFields(request.body).here === '1' ? SIGNED_OUT : undefined),
});

function describe(one: Session, own: Session) {
  return {
    sid: one.sid,
    current: one.sid === own.sid,
    device: nameDevice(one.userAgent),
    address: one.address,
    signedInAt: new Date(one.authTimeMs).toISOString(),
    lastSeenAt: new Date(one.seenAtMs).toISOString(),
  };
}
