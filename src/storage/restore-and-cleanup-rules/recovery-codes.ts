import { type LifeCycleOf, NEVER_CLEANED } from '../life-cycle.ts';
import type { RecoveryCodeRow } from '../tables/recovery-codes.ts';
import { SECOND_FACTOR } from './personal-data-of-second-factors.ts';

export const recoveryCodes: LifeCycleOf<RecoveryCodeRow> = {
  table: 'recovery_codes',
  columns: { sub: 'key', code_hash: 'key', made_at: 'along', used_at: 'since' },
  dependsOn: { sub: { table: 'users', ends: 'cascade' } },
  cleanUp: NEVER_CLEANED,
  personal: [SECOND_FACTOR],
  restore: {
    // A code that was used since stays used, and those that were made since are the person's.
    keeps: { rows: 'true', known: 'REPLACE' },
    // Those that newer ones took the place of, or that were taken away since, are not good again.
    takesAway: () => [
      {
        sql: `DELETE FROM recovery_codes WHERE sub IN (SELECT sub FROM since.users)
            AND NOT EXISTS (SELECT 1 FROM since.recovery_codes AS later
              WHERE later.sub = recovery_codes.sub AND later.code_hash = recovery_codes.code_hash)`,
      },
    ],
  },
};
