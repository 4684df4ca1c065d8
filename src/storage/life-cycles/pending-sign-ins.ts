import { HOUR_MS, type LifeCycleOf, OFTEN_MS } from '../life-cycle.ts';
import type { PendingSignInRow } from '../tables/pending-sign-ins.ts';

export const pendingSignIns: LifeCycleOf<PendingSignInRow> = {
  table: 'pending_sign_ins',
  columns: {
    pending_key: 'key',
    sub: 'backup',
    amr: 'backup',
    lacks: 'backup',
    epoch: 'backup',
    expires_at: 'backup',
  },
  dependsOn: { sub: { table: 'users', ends: 'cascade' } },
  // Its key begins with its beginning, and it lasts for minutes.
  cleanUp: [{ key: 'pending_key', madeAgoMs: HOUR_MS, due: 'expires_at < $1', everyMs: OFTEN_MS }],
  // What was completed or ended since stays so.
  restore: { ends: { by: 'deletion' } },
};
