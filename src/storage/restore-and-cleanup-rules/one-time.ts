import { type CleanUpRule, type LifeCycleOf, OFTEN_MS } from '../life-cycle.ts';
import type { OneTimeRow } from '../tables/one-time.ts';
import { type OneTimeKindLife, oneTimeKinds } from '../tables/one-time-kinds-and-retention.ts';

export const oneTime: LifeCycleOf<OneTimeRow> = {
  table: 'one_time',
  columns: { kind: 'key', value_key: 'key', grant_id: 'backup', payload: 'backup', expires_at: 'backup' },
  // Until it expires: the gate refuses a value without a grant.
  dependsOn: { grant_id: { table: 'grants', ends: 'outlives' } },
  cleanUp: Object.entries<OneTimeKindLife>(oneTimeKinds).map(ruleOf),
  personal: [{ what: 'a code that an app did not redeem: for which grant', kept: 'an hour' }],
  restore: { ends: { by: 'deletion', counted: 'codes' } },
};

function ruleOf([kind, { keptMs }]: readonly [string, OneTimeKindLife]): CleanUpRule<keyof OneTimeRow> {
  return {
    key: 'value_key',
    within: `kind = '${kind}'`,
    madeAgoMs: keptMs,
    due: 'expires_at < $1',
    everyMs: OFTEN_MS,
  };
}
