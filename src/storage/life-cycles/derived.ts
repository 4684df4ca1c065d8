/** Tables derived from the metadata of clients; after a restore the next start fills them (oauth/clients/derived-tables.ts). */
import { AS_IN_BACKUP, type LifeCycleOf, NEVER_CLEANED, NO_PERSONAL_DATA } from '../life-cycle.ts';

export const clientOrigins: LifeCycleOf<{ origin: string; client_id: string }> = {
  table: 'client_origins',
  columns: { origin: 'key', client_id: 'key' },
  dependsOn: { client_id: { table: 'clients', ends: 'cascade' } },
  cleanUp: NEVER_CLEANED,
  personal: NO_PERSONAL_DATA,
  restore: AS_IN_BACKUP,
};

export const clientAlgorithms: LifeCycleOf<{ alg: string; client_id: string }> = {
  table: 'client_algorithms',
  columns: { alg: 'key', client_id: 'key' },
  dependsOn: { client_id: { table: 'clients', ends: 'cascade' } },
  cleanUp: NEVER_CLEANED,
  personal: NO_PERSONAL_DATA,
  restore: AS_IN_BACKUP,
};
