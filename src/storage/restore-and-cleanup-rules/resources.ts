import { type LifeCycleOf, NEVER_CLEANED, NO_PERSONAL_DATA } from '../life-cycle.ts';
import type { ResourceRow } from '../tables/resources.ts';

const SAME_METADATA = 'SELECT client_id FROM clients JOIN since.clients AS later USING (client_id, metadata)';

export const resources: LifeCycleOf<ResourceRow> = {
  table: 'resources',
  columns: { resource: 'key', client_id: 'along' },
  dependsOn: { client_id: { table: 'clients', ends: 'cascade' } },
  cleanUp: NEVER_CLEANED,
  personal: NO_PERSONAL_DATA,
  restore: {
    // The metadata name the resources, so the rows are carried over for the clients whose metadata were.
    follows: [
      { sql: `DELETE FROM resources WHERE client_id IN (${SAME_METADATA})` },
      {
        sql: `INSERT OR REPLACE INTO resources (resource, client_id)
          SELECT resource, client_id FROM since.resources WHERE client_id IN (${SAME_METADATA})`,
      },
    ],
  },
};
