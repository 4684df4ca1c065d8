/**
 * A backup knows nothing of what was spent or revoked after it was made. Ending everything that could have been is
 * what keeps it dead.
 */
import type { Tx } from './database.ts';
import { dateRestore } from './revision.ts';
import { revokeAllGrants } from './tables/grants.ts';
import { deleteAllInteractions } from './tables/interactions.ts';
import { consumeAllOneTime } from './tables/one-time.ts';
import { endAllSessions } from './tables/sessions.ts';

export interface Ended {
  readonly grants: number;
  readonly sessions: number;
  readonly codes: number;
}

/** Ends grants with their tokens, sessions and codes, and dates the restore; users, clients and consents stay. */
export async function startRestoreEpoch(tx: Tx, nowMs: number): Promise<Ended> {
  const grants = await revokeAllGrants(tx, nowMs);
  const sessions = await endAllSessions(tx, nowMs);
  const codes = await consumeAllOneTime(tx);
  await deleteAllInteractions(tx);
  await dateRestore(tx, nowMs);
  return { grants, sessions, codes };
}
