import { listApps, withdrawConsent } from '../../../oauth/page-models/authorized-apps.ts';
import { sourceOf } from '../../request-source.ts';
import { leaveNotice, takeNotice } from '../notice-cookie.ts';
import { ownQuery } from '../query.ts';
import { seeOther } from '../redirect.ts';
import { placeIn, signedInPage } from './signed-in.ts';

const PATH = '/account/apps';
const SHOWN = 50;
/** The length of a client_id. */
const LONGEST_PLACE = 512;

/** The apps that a user gave access to, whose access the user can end. ASVS V10.7.3 */
export const appsPage = signedInPage(PATH, {
  query: ['after'],
  async show({ tools, request, reply, session, show }) {
    const asked = ownQuery(tools, request);
    const after = boundPlace(asked.after);
    const { apps, next } = await listApps(tools, session, { after, limit: SHOWN });
    const data = {
      notice: takeNotice(tools, request, reply, ['revoked']),
      after,
      next,
      apps: apps.map(({ allowedAtMs, lastUsedAtMs, ...app }) => ({
        ...app,
        allowedAt: new Date(allowedAtMs).toISOString(),
        lastUsedAt: lastUsedAtMs === undefined ? undefined : new Date(lastUsedAtMs).toISOString(),
      })),
    };
    return show('account/apps', data);
  },

  async submit({ tools, request, reply, session, fields, leave }) {
    const source = sourceOf(tools, request);
    const withdrawn = await withdrawConsent(tools, session, fields.client_id ?? '', source);
    if (withdrawn === undefined) return leave();
    leaveNotice(tools, reply, 'revoked');
    return seeOther(tools, reply, placeIn(PATH, boundPlace(fields.after)));
  },
});

function boundPlace(after: string | undefined): string {
  return after?.slice(0, LONGEST_PLACE) ?? '';
}
