import type { Tx } from '../../storage/database.ts';
import { type PasswordRow, putPassword } from '../../storage/tables/passwords.ts';
import { deletePendingSignInsOf } from '../../storage/tables/pending-sign-ins.ts';
import { forgiveAccount } from '../attempts/throttling.ts';

/**
 * The new password of a person who is there, in the caller's transaction: what was counted against the account is forgiven,
 * and what the former one began is over. Gives when it changed.
 */
export async function storePassword(tx: Tx, row: PasswordRow): Promise<number> {
  await forgiveAccount(tx, row.sub);
  await deletePendingSignInsOf(tx, row.sub);
  return putPassword(tx, row);
}
