import { type LifeCycleOf, NEVER_CLEANED, NO_PERSONAL_DATA, raise } from '../life-cycle.ts';

interface RevisionRow {
  name: string;
  value: number;
  restored_at: number;
  house_id: string | null;
  assertions_unknown_before: number;
  addresses_blanked_to: string;
}

export const revisions: LifeCycleOf<RevisionRow> = {
  table: 'revisions',
  columns: {
    name: 'key',
    value: 'backup',
    restored_at: 'dated',
    house_id: 'known',
    assertions_unknown_before: 'greater',
    addresses_blanked_to: 'backup',
  },
  cleanUp: NEVER_CLEANED,
  personal: NO_PERSONAL_DATA,
  restore: {
    always: (columns) => [
      ...raise('revisions', 'name', columns('greater')),
      ...columns('known').map((column) => ({
        sql: `UPDATE revisions SET ${column} = coalesce(revisions.${column}, later.${column})
          FROM since.revisions AS later WHERE later.name = revisions.name`,
      })),
    ],
  },
  orphans: [
    {
      sentence:
        'tables of revisions lack their row named gatehouse, without which servers miss changes. ' +
        'Restore a backup: gatehouse database restore FILE',
      sql: `SELECT count(*) AS n FROM (SELECT count(*) AS rows_there FROM revisions WHERE name = 'house') AS house
        WHERE rows_there <> 1`,
    },
  ],
};
