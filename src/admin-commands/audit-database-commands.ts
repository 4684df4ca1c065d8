/** Audit events of commands that change a database as a whole, where no installation is open. */
import {
  type DatabaseEvent,
  recordMigrations,
  recordWithoutAudit,
} from '../audit/record-whole-database-events.ts';
import { operatorName } from '../config/operator-running-command.ts';
import { createSystemRandom, systemClock } from '../lib/clock-and-random.ts';
import type { Database, Tx } from '../storage/database.ts';

/** Returns a function that records the event in the given transaction, with the operator as the actor. */
export function auditRecorder(
  type: DatabaseEvent['type'],
  details: NonNullable<DatabaseEvent['details']>,
): (tx: Tx) => void {
  return (tx) => recordWithoutAudit(newParts(), tx, { type, actor: operatorName(), details });
}

/** Records the migrations that were applied to a database that was not new. */
export function recordAppliedMigrations(db: Database, applied: readonly string[]): Promise<void> {
  return recordMigrations({ ...newParts(), db }, operatorName(), applied);
}

const newParts = () => ({ clock: systemClock, random: createSystemRandom() });
