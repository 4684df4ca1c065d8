/** A long deletion in transactions of their own, so that whoever else writes is held up for no longer than one takes. */
import { pause } from '../lib/pause.ts';
import type { Database, Tx } from './database.ts';

/** So many rows take some milliseconds. */
const PIECE = 500;
/** Another process asks for SQLite's one lock every ten milliseconds. */
const LONGEST_PAUSE_MS = 25;

/** `remove` takes at most `limit` rows and gives how many it took; again until it finds none. */
export async function inPieces(
  db: Database,
  remove: (tx: Tx, limit: number) => Promise<number>,
): Promise<void> {
  for (;;) {
    const start = performance.now();
    const gone = await db.write((tx) => remove(tx, PIECE));
    if (gone < PIECE) return;
    await pauseAfter(performance.now() - start);
  }
}

/** Between two pieces, the first of which took so long. */
export async function pauseAfter(tookMs: number): Promise<void> {
  await pause(Math.min(LONGEST_PAUSE_MS, 2 * tookMs));
}
