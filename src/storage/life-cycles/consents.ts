import type { LifeCycleOf } from '../life-cycle.ts';
import type { ConsentRow } from '../tables/consents.ts';

export const consents: LifeCycleOf<ConsentRow & { client_epoch: number }> = {
  table: 'consents',
  columns: {
    sub: 'key',
    client_id: 'key',
    // As one value: a consent that was given again with fewer claims, resources or scopes cannot come back whole, as it did
    // while each was a column that had to be thought of here.
    access: 'same',
    created_at: 'backup',
    updated_at: 'backup',
    client_epoch: 'same',
  },
  dependsOn: {
    sub: { table: 'users', ends: 'pieces' },
    client_id: { table: 'clients', ends: 'pieces' },
  },
  restore: {
    withdraws: {
      reportedAs: 'consents_withdrawn',
      value: `(SELECT username FROM users WHERE users.sub = consents.sub) || ' ' || client_id`,
    },
  },
};
