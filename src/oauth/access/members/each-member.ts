/** The members of access, one after another. */
import type { Access } from './access-of-all-members.ts';
import { accessMembers } from './index.ts';
import type { AccessMember } from './member.ts';

/** The table without the types of the items: each function below treats every row alike. */
type AnyAccess = Readonly<Record<string, readonly unknown[]>>;
const rows = accessMembers as unknown as Readonly<Record<string, AccessMember<unknown>>>;

/** Of every member what `make` gives. */
export function eachMember<Made>(
  make: (name: string, member: AccessMember<unknown>) => Made,
): [string, Made][] {
  return Object.entries(rows).map(([name, member]) => [name, make(name, member)]);
}

/** Done for every token: without a list of pairs in between. */
export function eachList(make: (name: string, member: AccessMember<unknown>) => readonly unknown[]): Access {
  const access: Record<string, readonly unknown[]> = {};
  for (const name of Object.keys(rows)) access[name] = make(name, rows[name] as AccessMember<unknown>);
  return access as unknown as Access;
}

/** A member that was not named has no items. */
export function itemsOf(access: Partial<Access>, name: string): readonly unknown[] {
  return (access as Partial<AnyAccess>)[name] ?? [];
}
