import type { Reader } from '../database.ts';

export interface MembershipRow {
  sub: string;
  kind: 'group' | 'role';
  name: string;
}

/** The groups and roles of one user in one query. */
export function listMembership(db: Reader, sub: string): Promise<MembershipRow[]> {
  return db.all<MembershipRow>(
    `SELECT sub, 'group' AS kind, group_name AS name FROM group_members WHERE sub = $1
     UNION ALL SELECT sub, 'role' AS kind, role AS name FROM user_roles WHERE sub = $1`,
    sub,
  );
}

/** The groups and roles of all users from the sub `first` to `last`. */
export function listMembershipBetween(db: Reader, first: string, last: string): Promise<MembershipRow[]> {
  return db.all<MembershipRow>(
    `SELECT sub, 'group' AS kind, group_name AS name FROM group_members WHERE sub >= $1 AND sub <= $2
     UNION ALL SELECT sub, 'role' AS kind, role AS name FROM user_roles WHERE sub >= $1 AND sub <= $2`,
    first,
    last,
  );
}
