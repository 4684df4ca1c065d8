import { z } from 'zod';
import { changeMembers, createGroup, findGroup, removeGroup } from '../identity/groups-and-roles.ts';
import { loginKey } from '../identity/login-name.ts';
import { isRefusal, type Refusal } from '../lib/outcome.ts';
import { type GroupRow, listGroups, listMembers } from '../storage/tables/groups-and-members.ts';
import { boundedText } from './bounded-text.ts';
import { isoTime } from './format-iso-time.ts';
import { type AdminContext, type Flag, type Noun, verb } from './noun-and-verb-types.ts';
import { range, rangeFlags, readPart } from './read-part-of-list.ts';
import type { Printed } from './verb-output-types.ts';
import { withUsers } from './with-user.ts';

const one = z.object({ group: boundedText });
const withMembers = one.extend(range);
const member = withMembers.extend({ users: z.array(boundedText) });
const userFlag: Flag<'users'> = {
  member: 'users',
  flag: 'user',
  kind: 'list',
  sentence: 'the person, by sub, username or e-mail address; may be repeated',
};

function describe({ group_name, description, created_at }: GroupRow) {
  return { group: group_name, description, created_at: isoTime(created_at) };
}

interface Asked {
  readonly limit: number;
  readonly after?: string | undefined;
}

const FIRST_PART: Asked = z.object(range).parse({});

/** The group and its members; a Refusal is returned unchanged. */
async function describeWithMembers(
  { db }: AdminContext,
  outcome: GroupRow | Refusal,
  { limit, after = '' }: Asked,
): Promise<Printed> {
  if (isRefusal(outcome)) return outcome;
  return readPart({
    limit,
    read: (wanted) => listMembers(db, outcome.group_name, { after: loginKey(after), limit: wanted }),
    keyOf: ({ username }) => username,
    value: (members) => ({ ...describe(outcome), members }),
  });
}

export const groupNoun: Noun = {
  name: 'group',
  summary: 'groups that people are in, which apps read in the claim groups',
  verbs: [
    verb({
      name: 'create',
      summary: 'a new, empty group',
      begins: true,
      input: one.extend({ description: z.string().max(512).optional() }),
      argument: 'group',
      flags: [{ member: 'description', flag: 'description', kind: 'text', sentence: 'what it is for' }],
      run: async (context, { group, description }) =>
        describeWithMembers(context, await createGroup(context, group, description), FIRST_PART),
    }),
    verb({
      name: 'list',
      summary: 'all groups',
      input: z.object(range),
      flags: rangeFlags('group'),
      run: ({ db }, { limit, after = '' }) =>
        readPart({
          limit,
          read: (wanted) => listGroups(db, { after: loginKey(after), limit: wanted }),
          keyOf: ({ group_name }) => group_name,
          value: (groups) => groups.map(describe),
        }),
    }),
    verb({
      name: 'get',
      summary: 'one group and who is in it',
      input: withMembers,
      argument: 'group',
      flags: rangeFlags('username'),
      run: async (context, { group, ...asked }) =>
        describeWithMembers(context, await findGroup(context.db, group), asked),
    }),
    verb({
      name: 'add-user',
      summary: 'add a person to the group',
      input: member,
      argument: 'group',
      flags: [userFlag, ...rangeFlags('username')],
      run: (context, { group, users, ...asked }) =>
        withUsers(context, users, async (subs) =>
          describeWithMembers(context, await changeMembers(context, group, subs, 'add'), asked),
        ),
    }),
    verb({
      name: 'remove-user',
      summary: 'remove a person from the group',
      input: member,
      argument: 'group',
      flags: [userFlag, ...rangeFlags('username')],
      run: (context, { group, users, ...asked }) =>
        withUsers(context, users, async (subs) =>
          describeWithMembers(context, await changeMembers(context, group, subs, 'remove'), asked),
        ),
    }),
    verb({
      name: 'delete',
      summary: 'remove the group and all memberships in it',
      input: one,
      argument: 'group',
      async run(context, { group }) {
        const removed = await removeGroup(context, group);
        return isRefusal(removed) ? removed : { group: removed.group_name, deleted: true };
      },
    }),
  ],
};
