/** Records what is done to the whole database, where no audit service is open. */
import type { Tx } from '../storage/database.ts';
import type { AuditEvent, RecordedEventType } from './events.ts';
import { type AuditParts, toEntry } from './write-in-transaction-or-batch.ts';

export type DatabaseEvent = AuditEvent & { readonly type: `database.${string}` & RecordedEventType };

/** Records what a command did to a whole database, where no installation is open that has an {@link Audit}. */
export function recordWithoutAudit(
  parts: Pick<AuditParts, 'clock' | 'random'>,
  tx: Tx,
  event: DatabaseEvent,
): void {
  tx.audit(toEntry(parts, event));
}

/** Records the migrations that were applied to an existing database; nothing where none were. */
export async function recordMigrations(
  { db, ...parts }: Pick<AuditParts, 'clock' | 'random' | 'db'>,
  actor: string,
  applied: readonly string[],
): Promise<void> {
  if (applied.length === 0) return;
  const event = { type: 'database.migrated', actor, details: { applied: applied.join(' ') } } as const;
  await db.write(async (tx) => recordWithoutAudit(parts, tx, event));
}
