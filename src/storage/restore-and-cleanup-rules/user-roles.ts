import { type LifeCycleOf, NEVER_CLEANED } from '../life-cycle.ts';
import { ACCOUNT } from './users.ts';

export const userRoles: LifeCycleOf<{ sub: string; role: string }> = {
  table: 'user_roles',
  columns: { sub: 'key', role: 'key' },
  dependsOn: { sub: { table: 'users', ends: 'cascade' } },
  cleanUp: NEVER_CLEANED,
  personal: [ACCOUNT],
  restore: {
    withdraws: {
      reportedAs: 'roles_taken',
      value: `(SELECT username FROM users WHERE users.sub = user_roles.sub) || ' ' || role`,
    },
  },
};
