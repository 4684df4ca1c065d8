import type { Reader, Tx } from '../database.ts';

export interface GroupRow {
  group_name: string;
  /** The name as it is compared: NFKC, lower case. */
  group_key: string;
  description: string | null;
  created_at: number;
}

/** Throws if the key is taken: the caller checks that in the same transaction. */
export async function insertGroup(tx: Tx, row: GroupRow): Promise<void> {
  await tx.run(
    'INSERT INTO user_groups (group_name, group_key, description, created_at) VALUES ($1, $2, $3, $4)',
    row.group_name,
    row.group_key,
    row.description,
    row.created_at,
  );
}

/** Finds a group by its key, which is the name as it is compared. */
export function findGroup(db: Reader, groupKey: string): Promise<GroupRow | undefined> {
  return db.get<GroupRow>('SELECT * FROM user_groups WHERE group_key = $1', groupKey);
}

/** Groups by name, after the key `after`. */
export function listGroups(
  db: Reader,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<GroupRow[]> {
  return db.all<GroupRow>(
    'SELECT * FROM user_groups WHERE group_key > $1 ORDER BY group_key LIMIT $2',
    after,
    limit,
  );
}

/** Deletes the group and its memberships. The name must be spelt as in the row. False if there is no such group. */
export async function deleteGroup(tx: Tx, groupName: string): Promise<boolean> {
  return (await tx.run('DELETE FROM user_groups WHERE group_name = $1', groupName)) === 1;
}

/** False if the user was a member before. */
export async function insertMember(tx: Tx, sub: string, groupName: string): Promise<boolean> {
  const changed = await tx.run(
    'INSERT INTO group_members (sub, group_name) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    sub,
    groupName,
  );
  return changed === 1;
}

/** False if the user was not a member. */
export async function deleteMember(tx: Tx, sub: string, groupName: string): Promise<boolean> {
  const changed = await tx.run(
    'DELETE FROM group_members WHERE sub = $1 AND group_name = $2',
    sub,
    groupName,
  );
  return changed === 1;
}

/** Removes the user from all groups; the caller then inserts the new memberships. */
export async function deleteMembersOfUser(tx: Tx, sub: string): Promise<void> {
  await tx.run('DELETE FROM group_members WHERE sub = $1', sub);
}

export interface MemberRow {
  sub: string;
  username: string;
}

/** The members of the group by username, after the key `after`. */
export function listMembers(
  db: Reader,
  groupName: string,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<MemberRow[]> {
  return db.all<MemberRow>(
    `SELECT users.sub, users.username FROM group_members JOIN users ON users.sub = group_members.sub
     WHERE group_members.group_name = $1 AND users.username_key > $2 ORDER BY users.username_key LIMIT $3`,
    groupName,
    after,
    limit,
  );
}
