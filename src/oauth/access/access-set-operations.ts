/**
 * What is asked, allowed or granted, as one value: RFC 6749 §3.3 scope, RFC 8707 §2 resource, OpenID Connect Core §5.5
 * claims. It is stored as one JSON text, so that no part of it can be kept, compared or restored without the others.
 */
import { accessMembers } from './members/index.ts';
import type { AccessMember } from './members/member.ts';

type Members = typeof accessMembers;

export type Access = { readonly [Name in keyof Members]: ReturnType<Members[Name]['parse']> };

/** The table without the types of the items: each function below treats every row alike. */
type AnyAccess = Readonly<Record<string, readonly unknown[]>>;

const rows = accessMembers as unknown as Readonly<Record<string, AccessMember<unknown>>>;

/** Of every member what `make` gives. */
function eachMember<Made>(make: (name: string, member: AccessMember<unknown>) => Made): [string, Made][] {
  return Object.entries(rows).map(([name, member]) => [name, make(name, member)]);
}

/** Done for every token: without a list of pairs in between. */
function eachList(make: (name: string, member: AccessMember<unknown>) => readonly unknown[]): Access {
  const access: Record<string, readonly unknown[]> = {};
  for (const name of Object.keys(rows)) access[name] = make(name, rows[name] as AccessMember<unknown>);
  return access as unknown as Access;
}

/** A member that was not named has no items. */
function itemsOf(access: Partial<Access>, name: string): readonly unknown[] {
  return (access as Partial<AnyAccess>)[name] ?? [];
}

function has({ isSame }: AccessMember<unknown>, items: readonly unknown[], wanted: unknown): boolean {
  return items.some((item) => isSame(item, wanted));
}

/** With what is named, and nothing else. */
export function accessTo(named: Partial<Access>): Access {
  return eachList((name) => itemsOf(named, name));
}

/** Access to nothing. */
export const NO_ACCESS: Access = accessTo({});

/** Of the members as JSON has them; those that are not there have no items. */
export function readAccess(stored: Readonly<Record<string, unknown>>): Access {
  return eachList((name, member) => (stored[name] === undefined ? [] : member.parse(stored[name])));
}

/** Of the text that {@link writeAccess} made. */
export function parseAccess(text: string): Access {
  return readAccess(JSON.parse(text));
}

/** As JSON: the same access by the same members in the same order is the same text. */
export function jsonOfAccess(access: Access): Readonly<Record<string, unknown>> {
  const written = eachMember((name, member) => {
    const items = itemsOf(access, name);
    return items.length === 0 ? undefined : member.write(items);
  });
  return Object.fromEntries(written.filter(([, json]) => json !== undefined));
}

/** The text of the column `access`. */
export function writeAccess(access: Access): string {
  return JSON.stringify(jsonOfAccess(access));
}

/** Whether all of what is wanted is in what is allowed, member by member. */
export function isWithin(wanted: Access, allowed: Access): boolean {
  return eachMember((name, member) =>
    itemsOf(wanted, name).every((item) => has(member, itemsOf(allowed, name), item)),
  ).every(([, isInside]) => isInside);
}

/** Both; what both have is as the first has it. */
export function union(one: Access, other: Access): Access {
  return eachList((name, member) => {
    const items = itemsOf(one, name);
    return [...items, ...itemsOf(other, name).filter((item) => !has(member, items, item))];
  });
}

/** What the first has and the other has not. */
export function without(one: Access, other: Access): Access {
  return eachList((name, member) =>
    itemsOf(one, name).filter((item) => !has(member, itemsOf(other, name), item)),
  );
}

/** Of the members that `to` names what it names too, and of the others all. RFC 6749 §6, RFC 8707 §2.2 */
export function narrow(access: Access, to: Partial<Access>): Access {
  return eachList((name, member) =>
    name in to
      ? itemsOf(access, name).filter((item) => has(member, itemsOf(to, name), item))
      : itemsOf(access, name),
  );
}

/** Whether there is nothing in any member. */
export function isNothing(access: Access): boolean {
  return eachMember((name) => itemsOf(access, name).length === 0).every(([, isEmpty]) => isEmpty);
}

/** As the command line shows it. */
export function describeAccess(access: Access): Readonly<Record<string, string | readonly string[]>> {
  const descriptions = eachMember((name, member) => member.describe(itemsOf(access, name)));
  return Object.fromEntries(
    descriptions.flatMap(([name, words]) => (words === undefined ? [] : [[name, words]])),
  );
}

/** As the events of a consent say it, in text. */
export function detailsOfAccess(access: Access): Readonly<Record<string, string>> {
  const descriptions = eachMember((name, member) =>
    member.isAudited ? member.describe(itemsOf(access, name)) : undefined,
  );
  return Object.fromEntries(
    descriptions.flatMap(([name, words]) =>
      words === undefined ? [] : [[name, typeof words === 'string' ? words : words.join(' ')]],
    ),
  );
}
