import { AS_IN_BACKUP, type LifeCycleOf, OFTEN_MS } from '../life-cycle.ts';

/** After personal_data_days the events lose their addresses: the whole row is rewritten (tables/audit.ts). */
export const auditLog: LifeCycleOf<{ log_key: string; events: string }> = {
  table: 'audit_log',
  columns: { log_key: 'key', events: 'backup' },
  cleanUp: [{ key: 'log_key', days: 'audit_days', everyMs: OFTEN_MS }],
  restore: AS_IN_BACKUP,
};
