/** For the audit of a database that a command changes as a whole, without an installation whose audit it could be. */
import { type DatabaseEvent, recordAlone, recordMigrations } from '../audit/record.ts';
import { operatorName } from '../config/load.ts';
import { createSystemRandom, systemClock } from '../lib/clock-and-random.ts';
import type { Database, Tx } from '../storage/database.ts';

/** Writes it in the transaction of what is remembered. */
export function remembering(
  type: DatabaseEvent['type'],
  details: NonNullable<DatabaseEvent['details']>,
): (tx: Tx) => void {
  return (tx) => recordAlone(newParts(), tx, { type, actor: operatorName(), details });
}

/** Of a database that was not new. */
export function rememberMigrations(db: Database, applied: readonly string[]): Promise<void> {
  return recordMigrations({ ...newParts(), db }, operatorName(), applied);
}

const newParts = () => ({ clock: systemClock, random: createSystemRandom() });
