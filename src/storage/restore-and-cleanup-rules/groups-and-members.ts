/** Groups and their members. */
import { AS_IN_BACKUP, type LifeCycleOf, NEVER_CLEANED, NO_PERSONAL_DATA } from '../life-cycle.ts';
import type { GroupRow } from '../tables/groups-and-members.ts';
import { ACCOUNT } from './users.ts';

export const userGroups: LifeCycleOf<GroupRow> = {
  table: 'user_groups',
  columns: { group_name: 'key', group_key: 'backup', description: 'backup', created_at: 'backup' },
  cleanUp: NEVER_CLEANED,
  personal: NO_PERSONAL_DATA,
  // A group without members gives nothing; its members are restored by their own rule.
  restore: AS_IN_BACKUP,
};

export const groupMembers: LifeCycleOf<{ sub: string; group_name: string }> = {
  table: 'group_members',
  columns: { sub: 'key', group_name: 'key' },
  dependsOn: {
    sub: { table: 'users', ends: 'cascade' },
    group_name: { table: 'user_groups', ends: 'cascade' },
  },
  cleanUp: NEVER_CLEANED,
  personal: [ACCOUNT],
  restore: {
    withdraws: {
      reportedAs: 'groups_left',
      value: `(SELECT username FROM users WHERE users.sub = group_members.sub) || ' ' || group_name`,
    },
  },
};
