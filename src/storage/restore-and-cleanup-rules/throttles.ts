import { type LifeCycleOf, SELDOM_MS } from '../life-cycle.ts';
import type { ThrottleRow } from '../tables/throttles.ts';
import { LONGEST_KEPT_MS, WINDOW_KEPT_MS, windowKinds } from '../throttle-count-retention.ts';

const IS_OVER = 'blocked_until < $1 AND window_started_at < $1';
const HAS_WINDOW = windowKinds.map((kind) => `throttle_key LIKE '${kind}:%'`).join(' OR ');

export const throttles: LifeCycleOf<ThrottleRow> = {
  table: 'throttles',
  columns: { throttle_key: 'key', attempts: 'since', window_started_at: 'along', blocked_until: 'since' },
  cleanUp: [
    {
      key: 'throttle_key',
      due: `${IS_OVER} AND (${HAS_WINDOW})`,
      agoMs: WINDOW_KEPT_MS,
      everyMs: SELDOM_MS,
    },
    { key: 'throttle_key', due: IS_OVER, agoMs: LONGEST_KEPT_MS, everyMs: SELDOM_MS },
  ],
  personal: [
    { what: 'attempts from an address', kept: 'an hour after they no longer count' },
    { what: 'how many notices of a kind were mailed to an address, which is hashed', kept: 'two hours' },
    { what: 'attempts at an account', kept: 'until a sign-in succeeds, 30 days at most' },
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
