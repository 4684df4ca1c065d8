/** Groups and roles: names that apps can compare, and who is in which. As the operator manages them: test/commands/groups.test.ts */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  changeMembers,
  checkMembership,
  createGroup,
  findGroup,
  findMembership,
  findMembershipBetween,
  type MembershipChanges,
  removeGroup,
  replaceMembership,
} from '../../src/identity/groups-and-roles.ts';
import type { User } from '../../src/identity/users/users.ts';
import { accepted, type IdentityFixture, openIdentity, plainHasher, reasonOf } from './identity-only.ts';

let identity: IdentityFixture;
let alice: User;
let bob: User;
beforeAll(async () => {
  identity = await openIdentity({ passwordHasher: plainHasher() });
  alice = await identity.user('alice');
  bob = await identity.user('bob');
  for (const name of ['Editors', 'Readers']) accepted(await createGroup(identity, name, undefined));
});
afterAll(() => identity.close());

const countOf = async (type: string) => (await identity.events(type)).length;

describe('a name', () => {
  it('is 1 to 128 characters without a comma, and without space at an end', async () => {
    for (const name of ['a', 'x'.repeat(128), 'team/a b:c@d', '9'])
      expect(reasonOf(await createGroup(identity, name, undefined)), name).toBe('accepted');
    for (const name of ['', ' a', 'a ', 'a,b', 'x'.repeat(129), '.a', 'a\nb', 'a"b', 'a\u200bb'])
      expect(reasonOf(await createGroup(identity, name, undefined)), JSON.stringify(name)).toBe(
        'malformed_group',
      );
  });

  it('is taken in every case and Unicode form of it', async () => {
    for (const name of ['Editors', 'editors', 'EDITORS', 'Ｅditors'])
      expect(reasonOf(await createGroup(identity, name, undefined)), name).toBe('group_taken');
    expect(accepted(await findGroup(identity.db, 'eDITORS')).group_name).toBe('Editors');
    expect(reasonOf(await findGroup(identity.db, 'Editor'))).toBe('unknown_group');
  });
});

describe('members', () => {
  it('are added and removed, each with one event, however often it is said', async () => {
    const before = await countOf('group.member_added');
    for (let time = 0; time < 2; time += 1)
      accepted(await changeMembers(identity, 'editors', [alice.sub, bob.sub], 'add'));
    expect(await countOf('group.member_added')).toBe(before + 2);
    expect((await findMembership(identity.db, alice.sub)).groups).toEqual(['Editors']);
    for (let time = 0; time < 2; time += 1)
      accepted(await changeMembers(identity, 'Editors', [bob.sub], 'remove'));
    expect(await countOf('group.member_removed')).toBe(1);
    expect((await findMembership(identity.db, bob.sub)).groups).toEqual([]);
  });

  it('of a group that is not there are none', async () => {
    expect(reasonOf(await changeMembers(identity, 'Nobody', [alice.sub], 'add'))).toBe('unknown_group');
  });

  it('are users without it once the group is deleted', async () => {
    accepted(await createGroup(identity, 'Leaving', undefined));
    accepted(await changeMembers(identity, 'Leaving', [alice.sub], 'add'));
    accepted(await removeGroup(identity, 'leaving'));
    expect((await findMembership(identity.db, alice.sub)).groups).toEqual(['Editors']);
    expect(reasonOf(await removeGroup(identity, 'leaving'))).toBe('unknown_group');
  });
});

describe('all of a person’s groups or roles', () => {
  const replace = async (changes: MembershipChanges) => {
    const checked = accepted(await checkMembership(identity.db, changes));
    await identity.db.write((tx) => replaceMembership(identity, tx, bob.sub, checked));
    return findMembership(identity.db, bob.sub);
  };

  it('are replaced, and those that are not named stay', async () => {
    expect(await replace({ groups: ['readers', 'EDITORS'], roles: ['b', 'a'] })).toEqual({
      groups: ['Editors', 'Readers'],
      roles: ['a', 'b'],
    });
    expect(await replace({ groups: [] })).toEqual({ groups: [], roles: ['a', 'b'] });
    expect(await replace({ roles: ['a', 'c'] })).toEqual({ groups: [], roles: ['a', 'c'] });
    expect(await replace({})).toEqual({ groups: [], roles: ['a', 'c'] });
  });

  it('each that was gained or lost is an event, one that stays is none', async () => {
    const [added, removed] = [await countOf('role.added'), await countOf('role.removed')];
    await replace({ roles: ['c', 'd', 'd'] });
    expect([await countOf('role.added'), await countOf('role.removed')]).toEqual([added + 1, removed + 1]);
  });

  it('are groups that there are, and roles that can be written', async () => {
    expect(reasonOf(await checkMembership(identity.db, { groups: ['Editors', 'Nobody'] }))).toBe(
      'unknown_group',
    );
    expect(reasonOf(await checkMembership(identity.db, { roles: ['a,b'] }))).toBe('malformed_role');
  });

  it('of several people are found between their subs', async () => {
    const [first, last] = [alice.sub, bob.sub].toSorted() as [string, string];
    const found = await findMembershipBetween(identity.db, first, last);
    expect(found.get(alice.sub)).toEqual({ groups: ['Editors'], roles: [] });
    expect([...(await findMembershipBetween(identity.db, alice.sub, alice.sub)).keys()]).toEqual([alice.sub]);
    expect(await findMembership(identity.db, 'unknown')).toEqual({ groups: [], roles: [] });
  });
});
