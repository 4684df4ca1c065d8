/** What ends when a credential is replaced, removed or added: whatever was begun with the former state. */
import type { Tx } from '../storage/database.ts';
import { deletePendingSignInsOf } from '../storage/tables/pending-sign-ins.ts';
import { factorKey } from './attempts/throttle-keys.ts';
import { forgiveAccount, forgiveAttempts } from './attempts/throttling.ts';

/** Said by a caller that replaces a credential and ends no session. */
export const SESSIONS_STAY = 'sessions_stay';

/** Ends those sessions of the person that end with the credential, in the same transaction. */
export type EndSessions = (() => Promise<unknown>) | typeof SESSIONS_STAY;

/** The factor that the credential belongs to; guesses at a first factor are counted for the account, too. */
interface OfFactor {
  readonly name: string;
  readonly comes: 'first' | 'second';
}

/**
 * In the transaction that stores the credential: attempts that were counted for the former one are forgiven, every pending
 * sign-in of the user is deleted, and the sessions that `endSessions` ends are ended. ASVS V7.4.3
 */
export async function credentialReplaced(
  tx: Tx,
  factor: OfFactor,
  sub: string,
  endSessions: EndSessions,
): Promise<void> {
  await forgiveAttempts(tx, factorKey(factor, sub));
  if (factor.comes === 'first') await forgiveAccount(tx, sub);
  await deletePendingSignInsOf(tx, sub);
  if (endSessions !== SESSIONS_STAY) await endSessions();
}
