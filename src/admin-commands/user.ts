import { z } from 'zod';
import { findMembership, findMembershipBetween, type Membership } from '../identity/groups-and-roles.ts';
import { listSecondFactors, removeSecondFactors } from '../identity/second-factors/remove-second-factors.ts';
import { removeUser } from '../identity/users/user-removal.ts';
import {
  createUser,
  findUser,
  listUsers,
  setPassword,
  setUserDisabled,
  type User,
  updateUser,
} from '../identity/users/users.ts';
import { isRefusal, type Refusal, refuse } from '../lib/outcome.ts';
import { boundedText } from './bounded-text.ts';
import { isoTime } from './format-iso-time.ts';
import { type AdminContext, type Flag, type Noun, verb } from './noun-and-verb-types.ts';
import { range, rangeFlags, readPart } from './read-part-of-list.ts';
import { type Printed, WithNotice } from './verb-output-types.ts';
import { refuseUnknownUser, withUser } from './with-user.ts';

const one = z.object({ user: boundedText });
const claims = z.record(boundedText, z.unknown()).optional();

const passwordFlag: Flag<'password'> = {
  member: 'password',
  flag: 'password-stdin',
  kind: 'secret',
  sentence: 'read the password from standard input',
};

const emailFlag: Flag<'email'> = {
  member: 'email',
  flag: 'email',
  kind: 'text',
  sentence: 'the e-mail address',
};

const claimsFlag: Flag<'claims'> = {
  member: 'claims',
  flag: 'claims',
  kind: 'file',
  sentence: 'standard claims and attributes of your own as JSON from a file or -; null takes one away',
};

const membershipFlags: readonly Flag<'groups' | 'roles'>[] = [
  { member: 'groups', flag: 'group', kind: 'list', sentence: 'a group the person is in; may be repeated' },
  { member: 'roles', flag: 'role', kind: 'list', sentence: 'a role the person has; may be repeated' },
];

const membership = { groups: z.array(boundedText).optional(), roles: z.array(boundedText).optional() };

const NO_MEMBERSHIP: Membership = { groups: [], roles: [] };

/** The user with groups, roles and second factors; a Refusal is returned unchanged. */
async function describe(context: AdminContext, outcome: User | Refusal): Promise<Printed> {
  if (isRefusal(outcome)) return outcome;
  const second_factors = await listSecondFactors(context.db, outcome.sub);
  return { ...describeWith(outcome, await findMembership(context.db, outcome.sub)), second_factors };
}

async function describeAll(context: AdminContext, users: readonly User[]): Promise<Printed[]> {
  const [first, last] = [users.at(0)?.sub ?? '', users.at(-1)?.sub ?? ''];
  const memberships = await findMembershipBetween(context.db, first, last);
  return users.map((user) => describeWith(user, memberships.get(user.sub) ?? NO_MEMBERSHIP));
}

function describeWith(user: User, { groups, roles }: Membership) {
  return {
    sub: user.sub,
    username: user.username,
    email: user.email ?? null,
    claims: user.claims,
    groups,
    roles,
    disabled: user.disabled,
    created_at: isoTime(user.createdAtMs),
    updated_at: isoTime(user.updatedAtMs),
  };
}

const refuseNamedAndCleared = () =>
  refuse(
    'usage',
    'named_and_cleared',
    '--clear-groups takes every group away, and --clear-roles every role: name none beside it. Those that are named replace all',
  );

const refuseNoChange = () =>
  refuse(
    'usage',
    'nothing_named',
    'nothing is named that is to change; name it by a flag (--help lists them)',
  );

const removeSecondFactorsVerb = verb({
  name: 'remove-second-factors',
  summary: 'for a person who lost them all; every session and grant of the person ends',
  input: one,
  argument: 'user',
  run: (context, { user }) =>
    withUser(context, user, async (sub) => {
      const removed = await removeSecondFactors(context, sub);
      if (isRefusal(removed)) return removed;
      return new WithNotice(
        { sub, removed },
        'Every second factor was removed, and every session and grant of the person ended: the password alone is enough to ' +
          `sign in until the person sets up another. Whoever asked must be that person. A new password: gatehouse user set-password ${sub}`,
      );
    }),
});

export const userNoun: Noun = {
  name: 'user',
  summary: 'people who sign in; named by sub, username or e-mail address',
  verbs: [
    verb({
      name: 'create',
      summary: 'add a person',
      begins: true,
      input: z.object({
        username: boundedText,
        email: boundedText.optional(),
        claims,
        password: boundedText.optional(),
        ...membership,
      }),
      flags: [
        { member: 'username', flag: 'username', kind: 'text', sentence: 'the name to sign in with' },
        emailFlag,
        claimsFlag,
        ...membershipFlags,
        passwordFlag,
      ],
      async run(context, input) {
        const user = await createUser(context, input);
        const described = await describe(context, user);
        if (isRefusal(user) || input.password !== undefined) return described;
        const how = `gatehouse user set-password ${user.sub}`;
        return new WithNotice(
          described,
          `${user.username} has no password yet and cannot sign in; set one: ${how}`,
        );
      },
    }),
    verb({
      name: 'list',
      summary: 'all people',
      input: z.object(range),
      flags: rangeFlags('sub'),
      run: (context, { limit, after = '' }) =>
        readPart({
          limit,
          read: (wanted) => listUsers(context, { after, limit: wanted }),
          keyOf: ({ sub }) => sub,
          value: (users) => describeAll(context, users),
        }),
    }),
    verb({
      name: 'get',
      summary: 'one person',
      input: one,
      argument: 'user',
      run: (context, { user }) =>
        withUser(context, user, async (sub) =>
          describe(context, (await findUser(context, sub)) ?? refuseUnknownUser(sub)),
        ),
    }),
    verb({
      name: 'update',
      summary: 'change what is named; the groups or roles given replace all',
      input: one.extend({
        username: boundedText.optional(),
        email: boundedText.optional(),
        claims,
        ...membership,
        clear_groups: z.boolean().optional(),
        clear_roles: z.boolean().optional(),
      }),
      argument: 'user',
      flags: [
        { member: 'username', flag: 'username', kind: 'text', sentence: 'a new username' },
        emailFlag,
        claimsFlag,
        ...membershipFlags,
        {
          member: 'clear_groups',
          flag: 'clear-groups',
          kind: 'switch',
          sentence: 'remove the person from every group',
        },
        {
          member: 'clear_roles',
          flag: 'clear-roles',
          kind: 'switch',
          sentence: 'remove every role of the person',
        },
      ],
      async run(context, { user, clear_groups, clear_roles, ...changes }) {
        if ((clear_groups && changes.groups) || (clear_roles && changes.roles))
          return refuseNamedAndCleared();
        const groups = clear_groups ? [] : changes.groups;
        const roles = clear_roles ? [] : changes.roles;
        const wanted = { ...changes, groups, roles };
        if (Object.values(wanted).every((value) => value === undefined)) return refuseNoChange();
        return withUser(context, user, async (sub) =>
          describe(context, await updateUser(context, sub, wanted)),
        );
      },
    }),
    verb({
      name: 'set-password',
      summary: 'a new password; every session and grant of the person ends',
      input: one.extend({ password: boundedText }),
      argument: 'user',
      flags: [passwordFlag],
      run: (context, { user, password }) =>
        withUser(context, user, async (sub) => describe(context, await setPassword(context, sub, password))),
    }),
    removeSecondFactorsVerb,
    verb({
      name: 'enable',
      summary: 'let the person sign in again',
      input: one,
      argument: 'user',
      run: (context, { user }) =>
        withUser(context, user, async (sub) => describe(context, await setUserDisabled(context, sub, false))),
    }),
    verb({
      name: 'disable',
      summary: 'end every session and grant, and keep the person out',
      input: one,
      argument: 'user',
      run: (context, { user }) =>
        withUser(context, user, async (sub) => describe(context, await setUserDisabled(context, sub, true))),
    }),
    verb({
      name: 'delete',
      summary: 'remove the person and everything that belongs to them',
      input: one,
      argument: 'user',
      run: (context, { user }) =>
        withUser(context, user, async (sub) => ({ sub, deleted: await removeUser(context, sub) })),
    }),
  ],
};
