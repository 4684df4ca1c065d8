/**
 * A backup has no record of what was spent or revoked after it was made. So everything that could have been spent or
 * revoked is ended.
 */
import type { Tx } from '../database.ts';
import type { Ended, Ending } from '../life-cycle.ts';
import { dependentsFirst } from '../restore-and-cleanup-rules/index.ts';
import { dateRestore } from '../revision-and-restore-times.ts';

/**
 * Ends grants with their tokens, sessions and codes, and records the time of the restore; users, clients and consents
 * stay.
 */
export async function startRestoreEpoch(tx: Tx, nowMs: number): Promise<Ended> {
  const ended = { grants: 0, sessions: 0, codes: 0 };
  for (const { table, restore } of dependentsFirst) {
    if (!restore.ends) continue;
    const count = await end(tx, table, restore.ends, nowMs);
    if (restore.ends.counted) ended[restore.ends.counted] += count;
  }
  await dateRestore(tx, nowMs);
  return ended;
}

function end(tx: Tx, table: string, { by }: Ending, nowMs: number): Promise<number> {
  return by === 'deletion'
    ? tx.run(`DELETE FROM ${table}`)
    : tx.run(`UPDATE ${table} SET ${by} = $1 WHERE ${by} IS NULL`, nowMs);
}
