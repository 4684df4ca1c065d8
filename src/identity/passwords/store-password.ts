import type { Tx } from '../../storage/database.ts';
import { type PasswordRow, putPassword } from '../../storage/tables/passwords.ts';
import { deletePendingSignInsOf } from '../../storage/tables/pending-sign-ins.ts';
import { forgiveAccount } from '../attempts/throttling.ts';

/**
 * Stores the new password of an existing user, in the caller's transaction; deletes the counts of the account and the pending
 * sign-ins that the former password began. Gives the time of the change.
 */
export async function storePassword(tx: Tx, row: PasswordRow): Promise<number> {
  await forgiveAccount(tx, row.sub);
  await deletePendingSignInsOf(tx, row.sub);
  return putPassword(tx, row);
}
