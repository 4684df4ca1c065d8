import {
  countRecoveryCodes,
  hasFactorToRecover,
  renewRecoveryCodes,
} from '../../../identity/second-factors/change-recovery-codes.ts';
import { isRefusal } from '../../../lib/outcome.ts';
import { WHERE_ENROLLED } from '../../../oauth/page-models/account-page-step-up.ts';
import { sourceOf } from '../../request-source.ts';
import { seeOther } from '../redirect.ts';
import { NOTHING_MORE, signedInPage } from './make-signed-in-page.ts';

const PATH = '/account/recovery-codes';

/** How many recovery codes are left; new ones in their place, which are shown once. ASVS V6.5.1, V7.5.1 */
export const recoveryCodesPage = signedInPage(PATH, {
  linkedAs: 'recovery.codes',
  needs: { maxAgeSeconds: 300, secondFactor: WHERE_ENROLLED },
  needsForSubmit: NOTHING_MORE,
  async show({ tools, session: { sub }, show }) {
    const left = await countRecoveryCodes(tools, sub);
    return show('account/recovery-codes', { left, hasFactor: await hasFactorToRecover(tools.db, sub) });
  },

  async submit({ tools, request, reply, session, show, leave }) {
    const outcome = await renewRecoveryCodes(tools, { session, source: sourceOf(tools, request) });
    if (!isRefusal(outcome))
      return show('account/new-recovery-codes', { codes: outcome.codes.join('\n'), isOnce: true });
    return outcome.error === 'over' ? leave() : seeOther(tools, reply, PATH);
  },
});
