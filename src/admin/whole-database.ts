/** For the audit of a database that a command changes as a whole, without a house whose audit it could be. */
import { type DatabaseEvent, recordAlone } from '../audit/record.ts';
import { operatorName } from '../config/load.ts';
import { createSystemRandom, systemClock } from '../lib/runtime.ts';
import type { Tx } from '../storage/database.ts';

/** Writes it in the transaction of what is remembered. */
export function remembering(
  type: DatabaseEvent['type'],
  details: NonNullable<DatabaseEvent['details']>,
): (tx: Tx) => void {
  const parts = { clock: systemClock, random: createSystemRandom() };
  return (tx) => recordAlone(parts, tx, { type, actor: operatorName(), details });
}
