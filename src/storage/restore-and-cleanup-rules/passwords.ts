import { type LifeCycleOf, NEVER_CLEANED } from '../life-cycle.ts';
import type { PasswordRow } from '../tables/passwords.ts';
import { ACCOUNT } from './users.ts';

export const passwords: LifeCycleOf<PasswordRow> = {
  table: 'passwords',
  columns: { sub: 'key', hash: 'backup', changed_at: 'backup' },
  dependsOn: { sub: { table: 'users', ends: 'cascade' } },
  cleanUp: NEVER_CLEANED,
  personal: [ACCOUNT],
  restore: {
    takesAway: () => [
      {
        reportedAs: 'passwords_changed',
        sql: `SELECT username FROM users JOIN passwords USING (sub)
            JOIN since.passwords AS later USING (sub)
          WHERE later.hash <> passwords.hash AND later.changed_at > passwords.changed_at`,
      },
    ],
  },
  orphans: [
    {
      sentence:
        'passwords belong to no user. Delete them, or restore a backup: gatehouse database restore FILE',
      sql: 'SELECT count(*) AS n FROM passwords WHERE NOT EXISTS (SELECT 1 FROM users WHERE users.sub = passwords.sub)',
    },
  ],
};
