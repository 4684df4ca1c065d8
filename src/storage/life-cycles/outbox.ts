import { DAY_MS, type LifeCycleOf, MINUTE_MS, SELDOM_MS } from '../life-cycle.ts';
import { AT_ONCE, type OutboxRow } from '../tables/outbox.ts';

/** An operator sees for so long whom nobody could tell. */
const DEAD_LETTER_MS = 30 * DAY_MS;
/** No pause before another attempt, nor a lease, is so long (notify/delivery.ts): a clock that was ahead set it. */
const LATEST_MS = 11 * MINUTE_MS;

export const outbox: LifeCycleOf<OutboxRow> = {
  table: 'outbox',
  columns: {
    outbox_key: 'key',
    kind: 'backup',
    destination: 'backup',
    person: 'backup',
    payload: 'backup',
    attempts: 'backup',
    next_at: 'backup',
    last_error: 'backup',
    dead_at: 'backup',
  },
  dependsOn: {
    destination: { table: 'clients', ends: 'pieces' },
    // Apps are told of somebody who was deleted, too.
    person: { table: 'users', ends: 'outlives' },
  },
  cleanUp: [
    { key: 'outbox_key', due: 'dead_at < $1', agoMs: DEAD_LETTER_MS, everyMs: SELDOM_MS },
    {
      key: 'outbox_key',
      due: 'next_at > $1 AND dead_at IS NULL',
      agoMs: -LATEST_MS,
      set: `next_at = ${AT_ONCE}`,
      // Whoever must be told of a sign-out waits.
      everyMs: MINUTE_MS,
    },
  ],
  restore: { keeps: { rows: 'true', known: 'IGNORE' } },
};
