import { listApps, withdrawConsent } from '../../../oauth/page-models/authorized-apps.ts';
import { sourceOf } from '../../request-source.ts';
import { ownQuery } from '../declared-query-parameters.ts';
import { NOTHING_MORE, signedInPage } from './make-signed-in-page.ts';

const SHOWN = 50;
/** The length of a client_id. */
const LONGEST_PLACE = 512;

/** The apps that a user gave access to, whose access the user can end. ASVS V10.7.3 */
export const appsPage = signedInPage('/account/apps', {
  linkedAs: 'account.apps',
  notices: ['revoked'],
  query: ['after'],
  needsForSubmit: NOTHING_MORE,
  async show({ tools, request, session, show }) {
    const asked = ownQuery(tools, request);
    const after = boundPlace(asked.after);
    const { apps, next } = await listApps(tools, session, { after, limit: SHOWN });
    const data = {
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

  async submit({ tools, request, session, fields, leave, backWith }) {
    const source = sourceOf(tools, request);
    const withdrawn = await withdrawConsent(tools, session, fields.client_id ?? '', source);
    if (withdrawn === undefined) return leave();
    return backWith('revoked', boundPlace(fields.after));
  },
});

function boundPlace(after: string | undefined): string {
  return after?.slice(0, LONGEST_PLACE) ?? '';
}
