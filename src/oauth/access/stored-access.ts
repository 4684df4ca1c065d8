/** Access as it is stored: one JSON text in one column. */
import type { Access } from './members/access-of-all-members.ts';
import { eachList, eachMember, itemsOf } from './members/each-member.ts';

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
