import { type LifeCycleOf, NEVER_CLEANED } from '../life-cycle.ts';
import type { ConsentRow } from '../tables/consents.ts';

export const consents: LifeCycleOf<ConsentRow & { client_epoch: number }> = {
  table: 'consents',
  columns: {
    sub: 'key',
    client_id: 'key',
    // One value: after a restore, a consent that was given again with fewer claims, resources or scopes cannot be in
    // force as
    // it was before. That happened while each was a column of its own that had to be declared here.
    access: 'same',
    created_at: 'backup',
    updated_at: 'backup',
    client_epoch: 'same',
  },
  dependsOn: {
    sub: { table: 'users', ends: 'pieces' },
    client_id: { table: 'clients', ends: 'pieces' },
  },
  cleanUp: NEVER_CLEANED,
  personal: [
    {
      what: 'what a person allowed an app',
      kept: 'until it is withdrawn, or the person or the app is deleted',
    },
  ],
  restore: {
    withdraws: {
      reportedAs: 'consents_withdrawn',
      value: `(SELECT username FROM users WHERE users.sub = consents.sub) || ' ' || client_id`,
    },
  },
};
