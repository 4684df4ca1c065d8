/** What ends with a credential that is replaced, taken away or added: nothing that the former state began goes on. */
import type { Tx } from '../storage/database.ts';
import { deletePendingSignInsOf } from '../storage/tables/pending-sign-ins.ts';
import { factorKey } from './attempts/throttle-keys.ts';
import { forgiveAccount, forgiveAttempts } from './attempts/throttling.ts';

/** The word of whoever replaces a credential and ends no session by it. */
export const SESSIONS_STAY = 'sessions_stay';

/** Ends those sessions of the person that end with the credential, in the same transaction. */
export type EndSessions = (() => Promise<unknown>) | typeof SESSIONS_STAY;

/** Of which factor it is: that of one that comes first is guessed at in the counts of the account. */
interface OfFactor {
  readonly name: string;
  readonly comes: 'first' | 'second';
}

/**
 * In the transaction that stores the credential: what was counted against the former one is forgiven, every sign-in of the
 * person that is pending is over, and so are the sessions that `endSessions` ends. ASVS V7.4.3
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
