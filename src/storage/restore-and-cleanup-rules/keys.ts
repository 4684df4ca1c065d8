import { type LifeCycleOf, NEVER_CLEANED, NO_PERSONAL_DATA } from '../life-cycle.ts';
import type { KeyRow } from '../tables/keys.ts';

export const keys: LifeCycleOf<KeyRow> = {
  table: 'keys',
  columns: {
    kid: 'key',
    alg: 'along',
    public_jwk: 'along',
    private_sealed: 'since',
    created_at: 'along',
    activates_at: 'since',
    retires_at: 'since',
    removed_at: 'since',
  },
  cleanUp: NEVER_CLEANED,
  personal: NO_PERSONAL_DATA,
  restore: {
    withdraws: { reportedAs: 'keys_withdrawn', value: 'kid' },
    takesAway: (columns) => {
      const since = columns('since');
      const all = ['kid', ...columns('along'), ...since].join(', ');
      return [
        {
          reportedAs: 'keys',
          sql: `INSERT OR REPLACE INTO keys (${all}) SELECT ${all} FROM since.keys AS later
            WHERE NOT EXISTS (SELECT 1 FROM keys WHERE keys.kid = later.kid
              AND ${since.map((column) => `keys.${column} IS later.${column}`).join(' AND ')})
            RETURNING kid`,
        },
      ];
    },
  },
};
