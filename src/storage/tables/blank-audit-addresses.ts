/** Takes the addresses of people out of old events. */
import type { Database, Tx } from '../database.ts';
import type { AuditEventRow, LogRow } from './audit-log.ts';
import { pack, textOf } from './audit-log-compression.ts';

/** Rows that are rewritten at a time: about two milliseconds. */
const BLANKED_AT_ONCE = 20;

/**
 * Removes the addresses from the next few rows whose keys are before `until`; the rest of each event stays. The position is
 * stored in the database.
 */
export async function blankNextAddresses(
  db: Database,
  until: string,
): Promise<{ readonly isThrough: boolean; readonly changed: number }> {
  const row = await db.get<{ addresses_blanked_to: string }>(
    `SELECT addresses_blanked_to FROM revisions WHERE name = 'house'`,
  );
  const rows = await db.all<LogRow>(
    'SELECT * FROM audit_log WHERE log_key > $1 AND log_key < $2 ORDER BY log_key LIMIT $3',
    row?.addresses_blanked_to ?? '',
    until,
    BLANKED_AT_ONCE,
  );
  const blanked = rows.flatMap(withoutAddresses);
  const last = rows.at(-1);
  if (last) await db.write((tx) => writeBlanked(tx, blanked, last.log_key));
  return { isThrough: rows.length < BLANKED_AT_ONCE, changed: blanked.length };
}

async function writeBlanked(tx: Tx, rows: readonly LogRow[], blankedTo: string): Promise<void> {
  for (const { log_key, events } of rows) {
    await tx.run('UPDATE audit_log SET events = $2 WHERE log_key = $1', log_key, events);
  }
  await tx.run(
    `UPDATE revisions SET addresses_blanked_to = $1 WHERE name = 'house' AND addresses_blanked_to < $1`,
    blankedTo,
  );
}

/** The row without addresses, to be written; empty if it holds none. */
function withoutAddresses({ log_key, events }: LogRow): LogRow[] {
  const parsed: Omit<AuditEventRow, 'event_id'>[] = JSON.parse(textOf(events));
  if (parsed.every(({ address }) => address === undefined)) return [];
  const blanked = parsed.map(({ address, ...event }) => event);
  return [{ log_key, events: pack(JSON.stringify(blanked)) }];
}
