import { AS_IN_BACKUP, type LifeCycleOf, NEVER_CLEANED, NO_PERSONAL_DATA } from '../life-cycle.ts';

export const clientOrigins: LifeCycleOf<{ origin: string; client_id: string }> = {
  table: 'client_origins',
  columns: { origin: 'key', client_id: 'key' },
  dependsOn: { client_id: { table: 'clients', ends: 'cascade' } },
  cleanUp: NEVER_CLEANED,
  personal: NO_PERSONAL_DATA,
  // The next start fills it from the metadata of the clients (oauth/clients/tables-derived-from-metadata.ts).
  restore: AS_IN_BACKUP,
};
