/** What was done in a stored interaction, and how it is written down: in the transaction that decides by it. */
import type { Reader, Tx } from '../../storage/database.ts';
import { findInteraction, replaceDone } from '../../storage/tables/interactions.ts';
import type { Done } from './situation-for-next-step.ts';
import { NOTHING_DONE, withDone } from './steps/done-steps.ts';
import type { Step } from './steps/step.ts';

/** For the row of an interaction; {@link readDone} reads it. */
export function writeDone(done: Done): string {
  return JSON.stringify(done);
}

/** What {@link writeDone} wrote. */
export function readDone(text: string): Done {
  return JSON.parse(text);
}

/** What was done in it by now. */
export async function findDone(db: Reader, interactionId: string): Promise<Done> {
  const row = await findInteraction(db, interactionId);
  return row ? readDone(row.done) : NOTHING_DONE;
}

/**
 * Stores what `change` makes of what was done by now; undefined changes nothing. True if it was stored, which it is only
 * while the interaction is not finished.
 */
export async function changeDone(
  tx: Tx,
  interactionId: string,
  change: (done: Done) => Done | undefined,
): Promise<boolean> {
  const row = await findInteraction(tx, interactionId);
  const after = row && change(readDone(row.done));
  if (!row || after === undefined) return false;
  return replaceDone(tx, interactionId, { before: row.done, after: writeDone(after) });
}

/** Stores that the step was done. */
export function noteDone<Stored>(
  tx: Tx,
  interactionId: string,
  step: Step<Stored>,
  stored: Stored,
): Promise<boolean> {
  return changeDone(tx, interactionId, (done) => withDone(done, step, stored));
}
