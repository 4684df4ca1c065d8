import type { Reader, Tx } from '../database.ts';

/**
 * `sessions_ended`: sessions ended, and not every app to be notified has a row yet. `mail`: a message to the person
 * themselves.
 */
export type OutboxKind = 'back_channel_logout' | 'sessions_ended' | 'mail';

/** The destination of every mail, since one server takes them all. No client_id has a colon. */
export const MAIL_DESTINATION = 'mail:';

export interface OutboxRow {
  /** Time-ordered. */
  outbox_key: string;
  kind: OutboxKind;
  /** The client to notify, or {@link MAIL_DESTINATION}: a slow one does not delay others. '' if the row notifies nobody. */
  destination: string;
  /** The sub of the user concerned. */
  person: string;
  /** JSON object; never a token. */
  payload: string;
  attempts: number;
  /** {@link AT_ONCE}, or the earliest time of the next attempt in milliseconds; during a delivery, the end of the lease. */
  next_at: number;
  last_error: string | null;
  /** When delivery was given up. */
  dead_at: number | null;
}

const PAGE = 1000;
/** The next_at of a row that was given up, so that queries for due rows do not read it. */
const NEVER_MS = Number.MAX_SAFE_INTEGER;

/** In place of the current time: that of a node whose clock is ahead would be in the future for the node that delivers. */
export const AT_ONCE = 0;

/** A due row before it is claimed. */
export type DueRow = Pick<OutboxRow, 'outbox_key' | 'destination' | 'person' | 'last_error'>;

export type NewOutboxRow = Pick<
  OutboxRow,
  'outbox_key' | 'kind' | 'destination' | 'person' | 'payload' | 'next_at'
>;

/** Inserts all rows in one statement. */
export async function insertOutbox(tx: Tx, rows: readonly NewOutboxRow[]): Promise<void> {
  const parameters = rows.flatMap((row) => [
    row.outbox_key,
    row.kind,
    row.destination,
    row.person,
    row.payload,
    row.next_at,
  ]);
  const places = [1, 2, 3, 4, 5, 6];
  const values = rows.map(
    (_row, index) => `(${places.map((place) => `$${6 * index + place}`).join(', ')}, 0)`,
  );
  await tx.run(
    `INSERT INTO outbox (outbox_key, kind, destination, person, payload, next_at, attempts)
     VALUES ${values.join(', ')}`,
    ...parameters,
  );
}

/** Due rows: the first of each destination, then the second of each, and so on. */
export async function listDueOutbox(
  db: Reader,
  nowMs: number,
  { each, limit }: { readonly each: number; readonly limit: number },
): Promise<DueRow[]> {
  const due: (DueRow & { readonly place: number })[] = [];
  for (const destination of await listDueDestinations(db, nowMs, limit)) {
    const rows = await listDueOutboxFor(db, destination, nowMs, each);
    due.push(...rows.map((row, place) => ({ ...row, place })));
  }
  due.sort((one, other) => one.place - other.place);
  return due.slice(0, limit).map(({ place: _place, ...row }) => row);
}

/** The recursion jumps from destination to destination in the index, however many rows each has. */
async function listDueDestinations(db: Reader, nowMs: number, limit: number): Promise<string[]> {
  const rows = await db.all<{ destination: string }>(
    `WITH RECURSIVE next (destination) AS (
       SELECT min(destination) FROM outbox
       UNION ALL
       SELECT (SELECT min(destination) FROM outbox WHERE destination > next.destination)
       FROM next WHERE next.destination IS NOT NULL)
     SELECT destination FROM next WHERE EXISTS (SELECT 1 FROM outbox
       WHERE outbox.destination = next.destination AND next_at <= $1 AND dead_at IS NULL) LIMIT $2`,
    nowMs,
    limit,
  );
  return rows.map(({ destination }) => destination);
}

function listDueOutboxFor(db: Reader, destination: string, nowMs: number, limit: number): Promise<DueRow[]> {
  return db.all<DueRow>(
    `SELECT outbox_key, destination, person, last_error FROM outbox
     WHERE destination = $1 AND next_at <= $2 AND dead_at IS NULL ORDER BY next_at, outbox_key LIMIT $3`,
    destination,
    nowMs,
    limit,
  );
}

/** The due rows that concern one user. */
export function listDueOutboxOf(db: Reader, person: string, nowMs: number, limit: number): Promise<DueRow[]> {
  return db.all<DueRow>(
    `SELECT outbox_key, destination, person, last_error FROM outbox
     WHERE person = $1 AND next_at <= $2 AND dead_at IS NULL ORDER BY next_at, outbox_key LIMIT $3`,
    person,
    nowMs,
    limit,
  );
}

/** Claims the row until `leaseEndMs` and counts the attempt, if it is still due: no other node delivers it meanwhile. */
export async function claimOutbox(
  tx: Tx,
  key: string,
  nowMs: number,
  leaseEndMs: number,
): Promise<OutboxRow | undefined> {
  const [row] = await tx.all<OutboxRow>(
    `UPDATE outbox SET next_at = $3, attempts = attempts + 1
     WHERE outbox_key = $1 AND dead_at IS NULL AND next_at <= $2 RETURNING *`,
    key,
    nowMs,
    leaseEndMs,
  );
  return row;
}

/** The row was delivered, or an operator gave it up. */
export async function deleteOutbox(tx: Tx, key: string): Promise<boolean> {
  return (await tx.run('DELETE FROM outbox WHERE outbox_key = $1', key)) === 1;
}

/** Deletes at most `limit` mails to the user. Returns how many. */
export function deleteMailOf(tx: Tx, person: string, limit: number): Promise<number> {
  return tx.run(
    `DELETE FROM outbox WHERE outbox_key IN
       (SELECT outbox_key FROM outbox WHERE person = $1 AND kind = 'mail' LIMIT $2)`,
    person,
    limit,
  );
}

/** In a backup: what it has may have been sent since it was made. */
export async function deleteAllMail(tx: Tx): Promise<void> {
  await tx.run("DELETE FROM outbox WHERE kind = 'mail'");
}

/** After a failed delivery: the row is due again at `nextAtMs`, and `error` is kept for the operator. */
export async function postponeOutbox(tx: Tx, key: string, nextAtMs: number, error: string): Promise<void> {
  await tx.run('UPDATE outbox SET next_at = $2, last_error = $3 WHERE outbox_key = $1', key, nextAtMs, error);
}

/** After the last failed delivery: the row stays, and is not due until an operator runs `gatehouse outbox retry`. */
export async function giveUpOutbox(tx: Tx, key: string, deadAtMs: number, error: string): Promise<void> {
  await tx.run(
    'UPDATE outbox SET dead_at = $2, last_error = $3, next_at = $4 WHERE outbox_key = $1',
    key,
    deadAtMs,
    error,
    NEVER_MS,
  );
}

/** Makes the row due again, with its attempts reset; false if there is no such row. */
export async function retryOutbox(tx: Tx, key: string): Promise<boolean> {
  const changed = await tx.run(
    'UPDATE outbox SET dead_at = NULL, attempts = 0, next_at = $2 WHERE outbox_key = $1',
    key,
    AT_ONCE,
  );
  return changed === 1;
}

/** Waiting and given-up rows, the newest first: `limit` of them, older than the key `before`. */
export function listOutbox(
  db: Reader,
  { before = 'z', limit }: { readonly before?: string | undefined; readonly limit: number } = { limit: PAGE },
): Promise<OutboxRow[]> {
  return db.all<OutboxRow>(
    'SELECT * FROM outbox WHERE outbox_key < $1 ORDER BY outbox_key DESC LIMIT $2',
    before,
    limit,
  );
}
