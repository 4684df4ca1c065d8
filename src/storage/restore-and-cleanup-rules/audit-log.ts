import { AS_IN_BACKUP, type LifeCycleOf, OFTEN_MS } from '../life-cycle.ts';

/** After personal_data_days the events lose their addresses: the whole row is rewritten (tables/audit-log.ts). */
export const auditLog: LifeCycleOf<{ log_key: string; events: string }> = {
  table: 'audit_log',
  columns: { log_key: 'key', events: 'backup' },
  cleanUp: [{ key: 'log_key', days: 'audit_days', everyMs: OFTEN_MS }],
  personal: [
    { what: 'what happened: sign-ins, tokens, refusals, changes, by `sub`', kept: '`audit_days`' },
    { what: '**the address in an audit event**', kept: '`personal_data_days`; the event stays' },
    {
      what: "who changed something: the operator's user name of the operating system (`actor`)",
      kept: '`audit_days`',
    },
  ],
  restore: AS_IN_BACKUP,
};
