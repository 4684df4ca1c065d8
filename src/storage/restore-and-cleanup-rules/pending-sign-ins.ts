import { HOUR_MS } from '../../lib/durations.ts';
import { type LifeCycleOf, OFTEN_MS } from '../life-cycle.ts';
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
  // The key begins with the time at which it began, and it lasts for minutes.
  cleanUp: [{ key: 'pending_key', madeAgoMs: HOUR_MS, due: 'expires_at < $1', everyMs: OFTEN_MS }],
  personal: [
    {
      what: 'a sign-in that lacks a second factor: whose it is, and what was proven',
      kept: 'an hour after it began',
    },
  ],
  // A sign-in that was completed or ended since must not be pending again.
  restore: { ends: { by: 'deletion' } },
};
