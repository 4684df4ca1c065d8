/** What a grant gives, in words for errors and the audit log. */
import type { Access } from './members/access-of-all-members.ts';
import { eachMember, itemsOf } from './members/each-member.ts';

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
