import { HOUR_MS } from '../../lib/durations.ts';
import { type LifeCycleOf, SELDOM_MS } from '../life-cycle.ts';
import type { TotpEnrolmentRow } from '../tables/totp-enrolments.ts';

export const totpEnrolments: LifeCycleOf<TotpEnrolmentRow> = {
  table: 'totp_enrolments',
  columns: { sid: 'key', seed_sealed: 'backup', expires_at: 'backup' },
  dependsOn: { sid: { table: 'sessions', ends: 'cascade' } },
  cleanUp: [{ key: 'sid', due: 'expires_at < $1', agoMs: HOUR_MS, everyMs: SELDOM_MS }],
  personal: [
    {
      what: 'an authenticator app that is being set up in a session',
      kept: 'an hour after it was begun and not finished',
    },
  ],
  restore: { ends: { by: 'deletion' } },
};
