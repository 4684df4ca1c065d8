/** The audit log: the events of one commit, compressed, in one or a few rows. */
import { timeOf } from '../../lib/time-ordered-ids-and-secrets.ts';
import type { AuditEntry, Reader, Tx } from '../database.ts';
import { pack, textOf } from './audit-log-compression.ts';

/** An event as it was recorded: its time, its type, and what else is known. */
export interface AuditEventRow {
  /** Unique; later events have greater ones. */
  event_id: string;
  /** Milliseconds. */
  at: number;
  type: string;
  reason?: string;
  sub?: string;
  client_id?: string;
  grant_id?: string;
  sid?: string;
  actor?: string;
  address?: string;
  request_id?: string;
  details?: Record<string, string | number | boolean>;
}

export interface LogRow {
  log_key: string;
  events: string;
}

/** This many fit into the 1 KB that SQLite keeps in the B-tree page itself, without an overflow page. */
const EVENTS_IN_A_ROW = 10;

/** Writes the events of one commit. */
export async function insertAuditLog(tx: Pick<Tx, 'run'>, entries: readonly AuditEntry[]): Promise<void> {
  for (let start = 0; start < entries.length; start += EVENTS_IN_A_ROW) {
    await insertRow(tx, entries.slice(start, start + EVENTS_IN_A_ROW));
  }
}

async function insertRow(tx: Pick<Tx, 'run'>, entries: readonly AuditEntry[]): Promise<void> {
  const key = entries.at(-1)?.key ?? '';
  const text = `[${entries.map((entry) => entry.event).join(',')}]`;
  await tx.run('INSERT INTO audit_log (log_key, events) VALUES ($1, $2)', key, pack(text));
}

/** The events of one row, the newest first; empty if there is no such row. */
export async function findAuditEvents(db: Reader, logKey: string): Promise<AuditEventRow[]> {
  return (await db.all<LogRow>('SELECT * FROM audit_log WHERE log_key = $1', logKey)).flatMap(unpack);
}

/** The time of the newest event, by the clock of the node that wrote it; 0 if there is none. */
export async function newestAuditMs(db: Reader): Promise<number> {
  const newest = await db.get<{ log_key: string | null }>('SELECT max(log_key) AS log_key FROM audit_log');
  return newest?.log_key ? timeOf(newest.log_key) : 0;
}

/** The newest events before `beforeKey`, by their rows; `limit` counts rows, which hold several events each. */
export async function listAuditEvents(
  db: Reader,
  range: { readonly fromKey?: string; readonly beforeKey?: string | undefined; readonly limit: number },
): Promise<{ events: AuditEventRow[]; lastKey: string | undefined }> {
  const rows = await db.all<LogRow>(
    'SELECT * FROM audit_log WHERE log_key >= $1 AND log_key < $2 ORDER BY log_key DESC LIMIT $3',
    range.fromKey ?? '',
    range.beforeKey ?? 'z',
    range.limit,
  );
  return { events: rows.flatMap(unpack), lastKey: rows.at(-1)?.log_key };
}

function unpack({ log_key, events }: LogRow): AuditEventRow[] {
  const parsed: Omit<AuditEventRow, 'event_id'>[] = JSON.parse(textOf(events));
  return parsed.map((event, index) => ({ event_id: `${log_key}.${index}`, ...event })).reverse();
}
