import type { LifeCycleOf } from '../life-cycle.ts';
import type { ConsentRow } from '../tables/consents.ts';

export const consents: LifeCycleOf<ConsentRow & { client_epoch: number }> = {
  table: 'consents',
  columns: {
    sub: 'key',
    client_id: 'key',
    scope: 'same',
    resources: 'same',
    claims: 'same',
    created_at: 'backup',
    updated_at: 'backup',
    client_epoch: 'same',
  },
  hangsOn: {
    sub: { table: 'users', ends: 'pieces' },
    client_id: { table: 'clients', ends: 'pieces' },
  },
  restore: {
    withdraws: {
      told: 'consents_withdrawn',
      as: `(SELECT username FROM users WHERE users.sub = consents.sub) || ' ' || client_id`,
    },
  },
};
