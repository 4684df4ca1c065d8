import { DAY_MS, MINUTE_MS } from '../../lib/durations.ts';
import { type LifeCycleOf, SELDOM_MS } from '../life-cycle.ts';
import { AT_ONCE, type OutboxRow } from '../tables/outbox.ts';

/** For this long operators can see the notifications that could not be delivered. */
const DEAD_LETTER_MS = 30 * DAY_MS;

/**
 * Longer than any pause between attempts and any lease (notify/delivery-attempt.ts): a later time was set by a clock that was
 * ahead.
 */
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
    // Apps are also notified about a user who was deleted; mail to the user is deleted (identity/users/user-removal.ts).
    person: { table: 'users', ends: 'outlives' },
  },
  cleanUp: [
    { key: 'outbox_key', due: 'dead_at < $1', agoMs: DEAD_LETTER_MS, everyMs: SELDOM_MS },
    {
      key: 'outbox_key',
      due: 'next_at > $1 AND dead_at IS NULL',
      agoMs: -LATEST_MS,
      set: `next_at = ${AT_ONCE}`,
      // Often, because an app waits for the notification of a sign-out.
      everyMs: MINUTE_MS,
    },
  ],
  personal: [
    { what: 'undelivered notices that a person signed out', kept: '30 days after the last attempt' },
    {
      what: 'undelivered mail to a person: what happened, to which address, from which address and browser',
      kept: 'until the person is deleted, 30 days after the last attempt at most',
    },
  ],
  // Mail of the backup is deleted before (backup/restore.ts), so that none is sent twice.
  restore: { keeps: { rows: 'true', known: 'IGNORE' } },
};
