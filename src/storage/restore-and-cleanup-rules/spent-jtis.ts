import { HOUR_MS } from '../../lib/durations.ts';
import { type LifeCycleOf, NO_PERSONAL_DATA, OFTEN_MS } from '../life-cycle.ts';
import type { SpentJtiRow } from '../tables/spent-jtis.ts';

/**
 * A node whose clock is ahead deletes nothing that another node, or the same one with its clock corrected, would
 * accept as new.
 */
const KEPT_MS = HOUR_MS;

export const spentJtis: LifeCycleOf<SpentJtiRow> = {
  table: 'spent_jtis',
  columns: { jti_key: 'key', expires_at: 'backup' },
  // The key begins with the expiry, so that no later value can have the same key.
  cleanUp: [
    { key: 'jti_key', madeAgoMs: KEPT_MS, due: 'expires_at < $1', agoMs: KEPT_MS, everyMs: OFTEN_MS },
  ],
  personal: NO_PERSONAL_DATA,
  // A used jti stays used, also if the replaced database is older than migration 0034.
  restore: {
    keeps: { rows: 'true', known: 'IGNORE' },
    always: () => [
      {
        sql: `INSERT OR IGNORE INTO spent_jtis (jti_key, expires_at)
          SELECT value_key, expires_at FROM since.one_time WHERE kind = 'jti'`,
      },
    ],
  },
};
