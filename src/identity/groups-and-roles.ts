/** Groups of users, and roles that users have. */
import { type Checked, isRefusal, PASSED, type Refusal, refuse } from '../lib/outcome.ts';
import type { Reader, Tx } from '../storage/database.ts';
import {
  deleteGroup,
  deleteMember,
  deleteMembersOfUser,
  findGroup as findGroupRow,
  type GroupRow,
  insertGroup,
  insertMember,
} from '../storage/tables/groups-and-members.ts';
import {
  listMembership,
  listMembershipBetween,
  type MembershipRow,
} from '../storage/tables/groups-and-roles-of-users.ts';
import { deleteRolesOfUser, insertRole } from '../storage/tables/user-roles.ts';
import type { IdentityContext } from './context.ts';
import { loginKey } from './login-name.ts';

export type GroupRefusal = Refusal<'invalid' | 'conflict' | 'not_found'>;

export interface Membership {
  readonly groups: readonly string[];
  readonly roles: readonly string[];
}

/** The lists that replace a user's groups or roles; undefined keeps the present ones. */
export interface MembershipChanges {
  readonly groups?: readonly string[] | undefined;
  readonly roles?: readonly string[] | undefined;
}

/** Apps compare these names and split lists of them, so they have no comma, and no space at either end. */
const NAME = /^[\p{L}\p{N}](?:[\p{L}\p{N} ._:/@+-]{0,126}[\p{L}\p{N}._:/@+-])?$/u;

/** Creates an empty group. Refuses a name that differs from an existing one only in case, since they would be confused. */
export async function createGroup(
  context: Pick<IdentityContext, 'audit' | 'clock' | 'db'>,
  name: string,
  description: string | undefined,
): Promise<GroupRow | GroupRefusal> {
  const group_name = name.normalize('NFKC');
  const checked = checkName(group_name, 'malformed_group');
  if (checked !== PASSED) return checked;
  const group_key = loginKey(group_name);
  const row = { group_name, group_key, description: description ?? null, created_at: context.clock.nowMs() };
  return context.db.write(async (tx) => {
    const known = await findGroupRow(tx, group_key);
    if (known) return refuse('conflict', 'group_taken', `there is a group ${known.group_name} already`);
    await insertGroup(tx, row);
    context.audit.record(tx, { type: 'group.created', details: { group: group_name } });
    return row;
  });
}

/** Finds a group by its name, in any case and any Unicode form (NFKC). Refuses with `unknown_group` where there is none. */
export async function findGroup(db: Reader, name: string): Promise<GroupRow | GroupRefusal> {
  return (await findGroupRow(db, loginKey(name))) ?? unknownGroup(name);
}

/** Deletes a group; its members stay users. */
export async function removeGroup(
  context: Pick<IdentityContext, 'audit' | 'db'>,
  name: string,
): Promise<GroupRow | GroupRefusal> {
  return context.db.write(async (tx) => {
    const group = await findGroup(tx, name);
    if (isRefusal(group)) return group;
    await deleteGroup(tx, group.group_name);
    context.audit.record(tx, { type: 'group.deleted', details: { group: group.group_name } });
    return group;
  });
}

/** Adds members to a group, or removes them; tokens that are issued afterwards have the new groups. */
export async function changeMembers(
  context: Pick<IdentityContext, 'audit' | 'db'>,
  name: string,
  subs: readonly string[],
  change: 'add' | 'remove',
): Promise<GroupRow | GroupRefusal> {
  return context.db.write(async (tx) => {
    const group = await findGroup(tx, name);
    if (isRefusal(group)) return group;
    const { group_name } = group;
    const changeOne = change === 'add' ? insertMember : deleteMember;
    const type = change === 'add' ? 'group.member_added' : 'group.member_removed';
    for (const sub of subs) {
      const changed = await changeOne(tx, sub, group_name);
      if (changed) context.audit.record(tx, { type, sub, details: { group: group_name } });
    }
    return group;
  });
}

/** The names of the user's groups and roles, sorted. Both lists are empty for an unknown user. */
export async function findMembership(db: Reader, sub: string): Promise<Membership> {
  return toMembership(await listMembership(db, sub));
}

/** The groups and roles of the users from the sub `first` to `last` who have any, by sub. */
export async function findMembershipBetween(
  db: Reader,
  first: string,
  last: string,
): Promise<ReadonlyMap<string, Membership>> {
  const rowsOf = new Map<string, MembershipRow[]>();
  for (const row of await listMembershipBetween(db, first, last)) {
    const rows = rowsOf.get(row.sub);
    if (rows) rows.push(row);
    else rowsOf.set(row.sub, [row]);
  }
  return new Map([...rowsOf].map(([sub, rows]) => [sub, toMembership(rows)]));
}

function toMembership(rows: readonly MembershipRow[]): Membership {
  const namesOf = (kind: MembershipRow['kind']) =>
    rows
      .filter((row) => row.kind === kind)
      .map((row) => row.name)
      .sort();
  return { groups: namesOf('group'), roles: namesOf('role') };
}

/** The changes with the groups' stored spelling, or a refusal. */
export async function checkMembership(
  db: Reader,
  changes: MembershipChanges,
): Promise<MembershipChanges | GroupRefusal> {
  const roles = changes.roles?.map((role) => role.normalize('NFKC'));
  for (const role of roles ?? []) {
    const checked = checkName(role, 'malformed_role');
    if (checked !== PASSED) return checked;
  }
  const groups: string[] = [];
  for (const name of changes.groups ?? []) {
    const group = await findGroup(db, name);
    if (isRefusal(group)) return group;
    groups.push(group.group_name);
  }
  return { roles, groups: changes.groups && groups };
}

/** Applies `changes`, as {@link checkMembership} gave them. Records an event for each group and role gained or lost. */
export async function replaceMembership(
  context: Pick<IdentityContext, 'audit'>,
  tx: Tx,
  sub: string,
  changes: MembershipChanges,
): Promise<void> {
  const before = await findMembership(tx, sub);
  const record = (type: MembershipEvent, details: { readonly group: string } | { readonly role: string }) =>
    context.audit.record(tx, { type, sub, details });
  if (changes.groups) {
    await deleteMembersOfUser(tx, sub);
    for (const group of changes.groups) await insertMember(tx, sub, group);
    for (const group of without(changes.groups, before.groups)) record('group.member_added', { group });
    for (const group of without(before.groups, changes.groups)) record('group.member_removed', { group });
  }
  if (changes.roles) {
    await deleteRolesOfUser(tx, sub);
    for (const role of changes.roles) await insertRole(tx, sub, role);
    for (const role of without(changes.roles, before.roles)) record('role.added', { role });
    for (const role of without(before.roles, changes.roles)) record('role.removed', { role });
  }
}

type MembershipEvent = 'group.member_added' | 'group.member_removed' | 'role.added' | 'role.removed';

/** The names that are not among `others`, each once. */
function without(names: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return [...new Set(names)].filter((name) => !known.has(name));
}

function checkName(name: string, reason: 'malformed_group' | 'malformed_role'): Checked<GroupRefusal> {
  if (NAME.test(name)) return PASSED;
  const sentence = `"${name}" cannot be used: 1 to 128 letters, digits, spaces or . _ : / @ + -`;
  return reason === 'malformed_group'
    ? refuse('invalid', 'malformed_group', sentence)
    : refuse('invalid', 'malformed_role', sentence);
}

function unknownGroup(name: string): GroupRefusal {
  return refuse(
    'not_found',
    'unknown_group',
    `there is no group ${name}; make it: gatehouse group create ${name}`,
  );
}
