/** What an operator does for a user who lost every second factor. NIST SP 800-63B-4 §4.2 */
import { refuse } from '../../lib/outcome.ts';
import type { Reader, Tx } from '../../storage/database.ts';
import { findStayingUser } from '../../storage/tables/users.ts';
import { writeUnlessRefused } from '../../storage/write-unless-refused.ts';
import type { IdentityContext, SessionEndContext } from '../context.ts';
import { listLackingFactors } from '../pending-sign-in.ts';
import { SESSIONS_STAY } from '../reset-after-credential-change.ts';
import { endEverything } from '../users/user-removal.ts';
import type { UserRefusal } from '../users/username-email-and-claim-rules.ts';
import { dropRecoveryCodes } from './change-recovery-codes.ts';
import { dropTotp } from './change-totp.ts';

/** For each second factor of the table, by its name; every session ends after them, once. */
const DROPS: Readonly<Record<string, (tx: Tx, sub: string) => Promise<boolean>>> = {
  recovery_code: dropRecoveryCodes,
  totp: (tx, sub) => dropTotp(tx, sub, SESSIONS_STAY),
};

/** The names of the second factors that the user has. */
export async function listSecondFactors(db: Reader, sub: string): Promise<readonly string[]> {
  return (await listLackingFactors(db, sub)).map(({ name }) => name);
}

/** Removes all of them, and ends every session and grant: whoever has what was lost may be signed in. Gives their names. */
export function removeSecondFactors(
  context: SessionEndContext & Pick<IdentityContext, 'db' | 'notices'>,
  sub: string,
): Promise<readonly string[] | UserRefusal> {
  return writeUnlessRefused(context.db, async (tx) => {
    await tx.lockTableOnRetry?.();
    if (!(await findStayingUser(tx, sub)))
      return refuse('not_found', 'unknown_user', 'there is no such user');
    const names = await listSecondFactors(tx, sub);
    if (names.length === 0)
      return refuse('conflict', 'no_second_factor', 'this person has no second factor: nothing was removed');
    for (const name of names)
      if (!(await DROPS[name]?.(tx, sub))) throw new Error(`nothing removes the second factor ${name}`);
    const removed = names.join(' ');
    await endEverything(context, tx, sub, 'user.second_factors_removed', { removed });
    await context.notices.tell(tx, sub, 'second_factors_removed');
    return names;
  });
}
