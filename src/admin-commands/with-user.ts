import { findUser, findUserByUsername } from '../identity/users/users.ts';
import { isRefusal, type Refusal, refuse } from '../lib/outcome.ts';
import type { AdminContext } from './noun-and-verb-types.ts';
import type { Printed } from './verb-output-types.ts';

/** Runs `act` with the sub of the user that `text` names: a sub, username or e-mail address. A Refusal where there is none. */
export async function withUser(
  context: AdminContext,
  text: string,
  act: (sub: string) => Promise<Printed>,
): Promise<Printed> {
  const sub = await findSub(context, text);
  return isRefusal(sub) ? sub : act(sub);
}

/** As {@link withUser} for several users; `act` does not run where one of them does not exist. */
export async function withUsers(
  context: AdminContext,
  texts: readonly string[],
  act: (subs: readonly string[]) => Promise<Printed>,
): Promise<Printed> {
  const subs: string[] = [];
  for (const text of texts) {
    const sub = await findSub(context, text);
    if (isRefusal(sub)) return sub;
    subs.push(sub);
  }
  return act([...new Set(subs)]);
}

async function findSub(context: AdminContext, text: string): Promise<string | Refusal<'not_found'>> {
  const user = (await findUser(context, text)) ?? (await findUserByUsername(context, text));
  return user?.sub ?? refuseUnknownUser(text);
}

/** The refusal `unknown_user`: the command line prints its sentence and exits with 3. */
export function refuseUnknownUser(text: string): Refusal<'not_found'> {
  return refuse('not_found', 'unknown_user', `there is no user ${text}`);
}
