/** A long deletion in several transactions, so that other writers wait for one of them at most. */
import { pause } from '../lib/pause.ts';
import type { Database, Tx } from './database.ts';

/** Deleting this many rows takes some milliseconds. */
const PIECE = 500;
/** Another process tries to take SQLite's one lock every ten milliseconds. */
const LONGEST_PAUSE_MS = 25;

/** `remove` deletes at most `limit` rows and returns how many. It is repeated until no rows are left. */
export async function deleteInPieces(
  db: Database,
  remove: (tx: Tx, limit: number) => Promise<number>,
): Promise<void> {
  for (;;) {
    const start = performance.now();
    const removed = await db.write((tx) => remove(tx, PIECE));
    if (removed < PIECE) return;
    await pauseAfter(performance.now() - start);
  }
}

/** The pause after a piece that took `tookMs`. */
export async function pauseAfter(tookMs: number): Promise<void> {
  await pause(Math.min(LONGEST_PAUSE_MS, 2 * tookMs));
}
