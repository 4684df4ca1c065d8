import { z } from 'zod';
import {
  createUser,
  findUser,
  findUserByUsername,
  listUsers,
  removeUser,
  setPassword,
  setUserDisabled,
  type User,
  updateUser,
} from '../identity/users.ts';
import { isRefusal, refuse } from '../lib/outcome.ts';
import { type AdminContext, type Flag, isoTime, type Noun, verb } from './noun.ts';

const one = z.object({ user: z.string() });
const claims = z.record(z.string(), z.unknown()).optional();

const passwordFlag: Flag = {
  member: 'password',
  flag: 'password-stdin',
  kind: 'secret',
  sentence: 'read the password from standard input',
};
const emailFlag: Flag = { member: 'email', flag: 'email', kind: 'text', sentence: 'the e-mail address' };
const claimsFlag: Flag = {
  member: 'claims',
  flag: 'claims',
  kind: 'file',
  sentence: 'standard claims as JSON from a file or -',
};

function describe(outcome: unknown): unknown {
  if (isRefusal(outcome)) return outcome;
  const user = outcome as User;
  return {
    sub: user.sub,
    username: user.username,
    email: user.email ?? null,
    claims: user.claims,
    disabled: user.disabled,
    created_at: isoTime(user.createdAtMs),
    updated_at: isoTime(user.updatedAtMs),
  };
}

/** By sub, username or e-mail address; a Refusal where there is none. */
async function withUser(
  context: AdminContext,
  text: string,
  act: (sub: string) => Promise<unknown>,
): Promise<unknown> {
  const user = (await findUser(context, text)) ?? (await findUserByUsername(context, text));
  return user ? act(user.sub) : refuse('not_found', 'unknown_user', `there is no user ${text}`);
}

export const userNoun: Noun = {
  name: 'user',
  summary: 'people who sign in; named by sub, username or e-mail address',
  verbs: [
    verb({
      name: 'create',
      summary: 'add a person',
      input: z.object({
        username: z.string(),
        email: z.string().optional(),
        claims,
        password: z.string().optional(),
      }),
      flags: [
        { member: 'username', flag: 'username', kind: 'text', sentence: 'the name to sign in with' },
        emailFlag,
        claimsFlag,
        passwordFlag,
      ],
      run: async (context, input) => describe(await createUser(context, input)),
    }),
    verb({
      name: 'list',
      summary: 'all people',
      input: z.object({}),
      run: async (context) => (await listUsers(context)).map(describe),
    }),
    verb({
      name: 'get',
      summary: 'one person',
      input: one,
      argument: 'user',
      run: (context, { user }) =>
        withUser(context, user, async (sub) => describe(await findUser(context, sub))),
    }),
    verb({
      name: 'update',
      summary: 'change what is named',
      input: one.extend({ username: z.string().optional(), email: z.string().optional(), claims }),
      argument: 'user',
      flags: [
        { member: 'username', flag: 'username', kind: 'text', sentence: 'a new username' },
        emailFlag,
        claimsFlag,
      ],
      run: (context, { user, ...changes }) =>
        withUser(context, user, async (sub) => describe(await updateUser(context, sub, changes))),
    }),
    verb({
      name: 'set-password',
      summary: 'a new password; every session and grant of the person ends',
      input: one.extend({ password: z.string() }),
      argument: 'user',
      flags: [passwordFlag],
      run: (context, { user, password }) =>
        withUser(context, user, async (sub) => describe(await setPassword(context, sub, password))),
    }),
    verb({
      name: 'enable',
      summary: 'let the person sign in again',
      input: one,
      argument: 'user',
      run: (context, { user }) =>
        withUser(context, user, async (sub) => describe(await setUserDisabled(context, sub, false))),
    }),
    verb({
      name: 'disable',
      summary: 'end every session and grant, and keep the person out',
      input: one,
      argument: 'user',
      run: (context, { user }) =>
        withUser(context, user, async (sub) => describe(await setUserDisabled(context, sub, true))),
    }),
    verb({
      name: 'delete',
      summary: 'remove the person and all that hangs on them',
      input: one,
      argument: 'user',
      run: (context, { user }) =>
        withUser(context, user, async (sub) => ({ sub, deleted: await removeUser(context, sub) })),
    }),
  ],
};
