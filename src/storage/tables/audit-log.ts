/** The audit log: the events of one commit, compressed, in one or a few rows. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { timeOf } from '../../lib/time-ordered-ids-and-secrets.ts';
import type { AuditEntry, Database, Reader, Tx } from '../database.ts';

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

interface LogRow {
  log_key: string;
  events: string;
}

/** The prefix of a row that was compressed with DICTIONARY; a row of plain JSON begins with a bracket. */
const PACKED = '1';
/** Text that events have in common, the most frequent last. It must never change: a better one needs a prefix of its own. */
const DICTIONARY = Buffer.from(
  '"reason":"unknown_code"code_expired"unknown_refresh_token"wrong_code_verifier"client_authentication_failed' +
    '"type":"consent.given","type":"consent.denied","type":"session.ended","type":"login.failed","type":' +
    '"login.succeeded","type":"token.refused","type":"token.revoked","type":"authorization.granted","sub":"' +
    '"address":"127.0.0.1","request_id":"","details":{"grant_type":"client_credentials","scope":"openid profile ' +
    'email offline_access"}},{"at":17"details":{"grant_type":"refresh_token","details":{"grant_type":' +
    '"authorization_code","scope":"openid"}},{"at":17","type":"token.issued","sub":"","client_id":"","grant_id":""' +
    ',"sid":"","address":"","request_id":"',
);

/**
 * Rows are 1 to 4 KB before compression: a window of that size takes a quarter less time than zlib's default, and no
 * more space.
 */
const PACKING = { dictionary: DICTIONARY, level: 5, windowBits: 12, memLevel: 5, chunkSize: 2048 };
/** This many fit into the 1 KB that SQLite keeps in the B-tree page itself, without an overflow page. */
const EVENTS_IN_A_ROW = 10;
/** Rows that are rewritten at a time: about two milliseconds. */
const BLANKED_AT_ONCE = 20;

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

function textOf(events: string): string {
  return events.startsWith('[') ? events : inflate(events.slice(PACKED.length));
}

function pack(text: string): string {
  return PACKED + deflateRawSync(text, PACKING).toString('base64');
}

function inflate(packed: string): string {
  return inflateRawSync(Buffer.from(packed, 'base64'), { dictionary: DICTIONARY }).toString('utf8');
}
