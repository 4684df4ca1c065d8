import { DAY_MS, HOUR_MS, type LifeCycleOf, SELDOM_MS } from '../life-cycle.ts';
import type { ThrottleRow } from '../tables/throttles.ts';

/** Longer than the window and the longest pause of every throttle except those of accounts. */
const THROTTLE_MS = HOUR_MS;
const ACCOUNT_THROTTLE_MS = 30 * DAY_MS;

const IS_OVER = 'blocked_until < $1 AND window_started_at < $1';
const OF_ACCOUNT = `(throttle_key LIKE 'account:%' OR throttle_key LIKE 'device:%')`;

export const throttles: LifeCycleOf<ThrottleRow> = {
  table: 'throttles',
  columns: { throttle_key: 'key', attempts: 'since', window_started_at: 'along', blocked_until: 'since' },
  cleanUp: [
    {
      key: 'throttle_key',
      due: `${IS_OVER} AND NOT ${OF_ACCOUNT}`,
      agoMs: THROTTLE_MS,
      everyMs: SELDOM_MS,
    },
    { key: 'throttle_key', due: IS_OVER, agoMs: ACCOUNT_THROTTLE_MS, everyMs: SELDOM_MS },
  ],
  restore: {
    // A password stays locked if guesses locked it.
    keeps: {
      rows: `NOT EXISTS (SELECT 1 FROM throttles WHERE throttles.throttle_key = later.throttle_key
        AND throttles.attempts >= later.attempts AND throttles.blocked_until >= later.blocked_until)`,
      known: 'REPLACE',
    },
  },
};
