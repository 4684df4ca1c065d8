/** What is done to access is done to each of its members, in the order of the table. */
import { expect, it } from 'vitest';
import { accessTo, NO_ACCESS } from '../../../../src/oauth/access/access-set-operations.ts';
import { eachList, eachMember, itemsOf } from '../../../../src/oauth/access/members/each-member.ts';
import { accessMembers } from '../../../../src/oauth/access/members/index.ts';
import { full } from '../access-value.ts';

it('each member is asked once, by its name and its own row', () => {
  expect(eachMember((name, member) => [name, member])).toEqual(
    Object.entries(accessMembers).map(([name, member]) => [name, [name, member]]),
  );
  expect(eachMember((name) => name.length)).toEqual([
    ['scope', 5],
    ['resources', 9],
    ['claims', 6],
  ]);
});

it('a list for each of them is access, whose members are all there', () => {
  expect(eachList((name) => itemsOf(full, name))).toEqual(full);
  const rows: unknown[] = [];
  const written = eachList((name, member) => {
    rows.push(member);
    return member.parse(member.write(itemsOf(full, name)));
  });
  expect(written).toEqual(full);
  expect(rows).toEqual(Object.values(accessMembers));
  expect(eachList((name) => (name === 'scope' ? ['openid'] : []))).toEqual(accessTo({ scope: ['openid'] }));
});

it('a member that is not named has no items', () => {
  expect(itemsOf({ scope: ['openid'] }, 'scope')).toEqual(['openid']);
  expect(itemsOf({ scope: ['openid'] }, 'claims')).toEqual([]);
  for (const name of Object.keys(accessMembers)) expect(itemsOf(NO_ACCESS, name), name).toEqual([]);
});
