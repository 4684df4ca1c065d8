import { HOUR_MS } from '../../lib/durations.ts';
import { type LifeCycleOf, OFTEN_MS } from '../life-cycle.ts';
import type { InteractionRow } from '../tables/interactions.ts';

/** interaction_seconds is one hour at most; for another hour an expired interaction can be restarted. */
export const INTERACTION_KEPT_MS = 2 * HOUR_MS;

export const interactions: LifeCycleOf<InteractionRow> = {
  table: 'interactions',
  columns: {
    interaction_id: 'key',
    purpose: 'backup',
    browser_hash: 'backup',
    client_id: 'backup',
    request: 'backup',
    done: 'backup',
    created_at: 'backup',
    expires_at: 'backup',
    completed_at: 'backup',
  },
  dependsOn: { client_id: { table: 'clients', ends: 'pieces' } },
  cleanUp: [
    {
      key: 'interaction_id',
      madeAgoMs: INTERACTION_KEPT_MS,
      due: 'expires_at < $1',
      everyMs: OFTEN_MS,
    },
  ],
  personal: [{ what: 'a sign-in in progress: the app’s request', kept: 'two hours' }],
  restore: { ends: { by: 'deletion' } },
};
