/** Acts on a long list a hundred at a time, so that it holds nothing else up. */
import { nextTurn } from './next-event-loop-turn.ts';

/** Read or written by one statement, before others get their turn. */
const STEP = 100;

/** Calls `act` with 100 items at a time, in order, and lets other work run between two calls. */
export async function actInSteps<One>(
  all: readonly One[],
  act: (step: readonly One[]) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < all.length; start += STEP) {
    if (start > 0) await nextTurn();
    await act(all.slice(start, start + STEP));
  }
}
