import type { Tx } from '../../storage/database.ts';
import { type PasswordRow, putPassword } from '../../storage/tables/passwords.ts';
import { credentialReplaced, type EndSessions } from '../reset-after-credential-change.ts';

const PASSWORD = { name: 'password', comes: 'first' } as const;

/** Stores the new password of an existing user, in the caller's transaction. Gives the time of the change. */
export async function storePassword(tx: Tx, row: PasswordRow, endSessions: EndSessions): Promise<number> {
  const changedAt = await putPassword(tx, row);
  await credentialReplaced(tx, PASSWORD, row.sub, endSessions);
  return changedAt;
}
