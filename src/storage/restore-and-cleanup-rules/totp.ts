import { type LifeCycleOf, NEVER_CLEANED } from '../life-cycle.ts';
import type { TotpRow } from '../tables/totp.ts';
import { SECOND_FACTOR } from './personal-data-of-second-factors.ts';

export const totp: LifeCycleOf<TotpRow> = {
  table: 'totp',
  columns: { sub: 'key', seed_sealed: 'since', last_step: 'since', enrolled_at: 'since' },
  dependsOn: { sub: { table: 'users', ends: 'cascade' } },
  cleanUp: NEVER_CLEANED,
  personal: [SECOND_FACTOR],
  restore: {
    // The app that the user has now; a step that was used since stays used.
    keeps: { rows: 'true', known: 'REPLACE' },
    // One that was taken away since, as its phone was stolen, is not good again. Users deleted since come back disabled, with it.
    takesAway: () => [
      {
        reportedAs: 'authenticators_removed',
        sql: `DELETE FROM totp WHERE sub NOT IN (SELECT sub FROM since.totp)
            AND sub IN (SELECT sub FROM since.users)
          RETURNING (SELECT username FROM users WHERE users.sub = totp.sub)`,
      },
    ],
  },
};
