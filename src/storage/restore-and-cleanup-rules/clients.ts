import { type LifeCycleOf, NEVER_CLEANED } from '../life-cycle.ts';
import type { ClientRow } from '../tables/clients.ts';

const ENDS = 'disabled_at = $now, epoch = epoch + 1';

/** Columns that only single statements use, so that ClientRow does not have them. */
interface Rest {
  consent_epoch: number;
  origins_at: number | null;
  algorithms_at: number | null;
}

export const clients: LifeCycleOf<ClientRow & Rest> = {
  table: 'clients',
  columns: {
    client_id: 'key',
    profile: 'since',
    metadata: 'since',
    created_at: 'backup',
    updated_at: 'along',
    disabled_at: 'ends',
    registration_token: 'since',
    used_at: 'backup',
    // Of clients that registered themselves (tables/client-deletion.ts).
    last_used_at: 'dated',
    epoch: 'since',
    leaving_at: 'backup',
    consent_epoch: 'since',
    // Values derived from the metadata (oauth/clients/tables-derived-from-metadata.ts).
    origins_at: 'anew',
    algorithms_at: 'anew',
  },
  cleanUp: NEVER_CLEANED,
  personal: [
    {
      what: 'who answers for an app, where it was given (`contacts`)',
      kept: 'until the app is changed or deleted',
    },
  ],
  restore: {
    takesAway: (columns) => {
      const since = columns('since');
      const anew = columns('anew').map((column) => `${column} = NULL`);
      const carried = [...since, ...columns('along')].map((column) => `${column} = later.${column}`);
      return [
        {
          reportedAs: 'clients_disabled',
          sql: `UPDATE clients SET ${ENDS} WHERE disabled_at IS NULL
            AND client_id IN (SELECT client_id FROM since.clients WHERE disabled_at IS NOT NULL)
            RETURNING client_id`,
        },
        {
          reportedAs: 'clients_deleted',
          sql: `UPDATE clients SET ${ENDS} WHERE disabled_at IS NULL
            AND client_id NOT IN (SELECT client_id FROM since.clients) RETURNING client_id`,
        },
        {
          reportedAs: 'clients_changed',
          sql: `UPDATE clients SET ${[...carried, ...anew].join(', ')} FROM since.clients AS later
            WHERE later.client_id = clients.client_id AND later.updated_at >= clients.updated_at
              AND (${since.map((column) => `later.${column} IS NOT clients.${column}`).join(' OR ')})
            RETURNING clients.client_id`,
        },
      ];
    },
  },
};
