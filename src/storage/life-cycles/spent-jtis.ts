import { HOUR_MS, type LifeCycleOf, OFTEN_MS } from '../life-cycle.ts';
import type { SpentJtiRow } from '../tables/spent-jtis.ts';

/** A node that is ahead takes nothing that another, or the same when it is set right, would believe to be new. */
const KEPT_MS = HOUR_MS;

export const spentJtis: LifeCycleOf<SpentJtiRow> = {
  table: 'spent_jtis',
  columns: { jti_key: 'key', expires_at: 'backup' },
  // Its key begins with its end, so that no other value of the same key can come later.
  cleanUp: [
    { key: 'jti_key', madeAgoMs: KEPT_MS, due: 'expires_at < $1', agoMs: KEPT_MS, everyMs: OFTEN_MS },
  ],
  // What was used stays used; so it does where the database that is replaced is from before 0034.
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
