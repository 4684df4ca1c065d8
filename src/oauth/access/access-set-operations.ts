/**
 * Access is compared, joined and narrowed as one value, so that no part of it can be kept, compared or restored without the
 * others.
 */
import type { Access } from './members/access-of-all-members.ts';
import { eachList, eachMember, itemsOf } from './members/each-member.ts';
import type { AccessMember } from './members/member.ts';

function has({ isSame }: AccessMember<unknown>, items: readonly unknown[], wanted: unknown): boolean {
  return items.some((item) => isSame(item, wanted));
}

/** With what is named, and nothing else. */
export function accessTo(named: Partial<Access>): Access {
  return eachList((name) => itemsOf(named, name));
}

/** Access to nothing. */
export const NO_ACCESS: Access = accessTo({});

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
