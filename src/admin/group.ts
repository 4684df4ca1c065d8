import { z } from 'zod';
import { changeMember, createGroup, findGroup, removeGroup } from '../identity/groups.ts';
import { isRefusal } from '../lib/outcome.ts';
import { type GroupRow, listGroups, listMembers } from '../storage/tables/groups.ts';
import { type AdminContext, type Flag, isoTime, type Noun, verb } from './noun.ts';
import { withUser } from './user.ts';

const one = z.object({ group: z.string() });
const member = one.extend({ user: z.string() });
const userFlag: Flag = {
  member: 'user',
  flag: 'user',
  kind: 'text',
  sentence: 'the person, by sub, username or e-mail address',
};

function describe({ group_name, description, created_at }: GroupRow) {
  return { group: group_name, description, created_at: isoTime(created_at) };
}

/** A Refusal as it is; otherwise the group and who is in it. */
async function describeWithMembers(context: AdminContext, outcome: unknown): Promise<unknown> {
  if (isRefusal(outcome)) return outcome;
  const group = outcome as GroupRow;
  return { ...describe(group), members: await listMembers(context.db, group.group_name) };
}

export const groupNoun: Noun = {
  name: 'group',
  summary: 'groups that people are in, which apps read in the claim groups',
  verbs: [
    verb({
      name: 'create',
      summary: 'a new, empty group',
      input: one.extend({ description: z.string().max(512).optional() }),
      argument: 'group',
      flags: [{ member: 'description', flag: 'description', kind: 'text', sentence: 'what it is for' }],
      run: async (context, { group, description }) =>
        describeWithMembers(context, await createGroup(context, group, description)),
    }),
    verb({
      name: 'list',
      summary: 'all groups',
      input: z.object({}),
      run: async (context) => (await listGroups(context.db)).map(describe),
    }),
    verb({
      name: 'get',
      summary: 'one group and who is in it',
      input: one,
      argument: 'group',
      run: async (context, { group }) => describeWithMembers(context, await findGroup(context.db, group)),
    }),
    verb({
      name: 'add-user',
      summary: 'put a person in',
      input: member,
      argument: 'group',
      flags: [userFlag],
      run: (context, { group, user }) =>
        withUser(context, user, async (sub) =>
          describeWithMembers(context, await changeMember(context, group, sub, 'add')),
        ),
    }),
    verb({
      name: 'remove-user',
      summary: 'take a person out',
      input: member,
      argument: 'group',
      flags: [userFlag],
      run: (context, { group, user }) =>
        withUser(context, user, async (sub) =>
          describeWithMembers(context, await changeMember(context, group, sub, 'remove')),
        ),
    }),
    verb({
      name: 'delete',
      summary: 'remove the group; nobody is in it any more',
      input: one,
      argument: 'group',
      async run(context, { group }) {
        const removed = await removeGroup(context, group);
        return isRefusal(removed) ? removed : { group: removed.group_name, deleted: true };
      },
    }),
  ],
};
