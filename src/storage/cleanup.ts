/**
 * Rows that nobody can ask for any more, in small batches by the time prefix of their keys: no index is needed, and
 * nothing depends on it (every statement that reads them asks for expiry itself).
 */
import { timePrefix } from '../lib/ids.ts';
import type { Database, Parameter } from './database.ts';

const BATCH = 200;
const DAY_MS = 86_400_000;
/** An operator sees for so long whom nobody could tell. */
const DEAD_LETTER_MS = 30 * DAY_MS;
/** The longest that settings allow a refresh token and a session to live, together. */
const LONGEST_GRANT_AND_SESSION_MS = 1400 * DAY_MS;

interface Rule {
  readonly table: string;
  readonly key: string;
  /** Which rows, given $1 (a key prefix), $2 (now in milliseconds) and $3 (how many). */
  readonly where: string;
  /** Rows younger than this are left alone. */
  readonly ageMs: number;
}

const rules: readonly Rule[] = [
  {
    table: 'interactions',
    key: 'interaction_id',
    where: 'interaction_id < $1 AND expires_at < $2',
    ageMs: DAY_MS,
  },
  {
    table: 'one_time',
    key: 'value_key',
    where: `kind = 'code' AND value_key < $1 AND expires_at < $2`,
    ageMs: DAY_MS,
  },
  // Its key begins with its end, so that no other value of the same key can come later.
  {
    table: 'one_time',
    key: 'value_key',
    where: `kind = 'jti' AND value_key < $1 AND expires_at < $2`,
    ageMs: 0,
  },
  {
    table: 'one_time',
    key: 'value_key',
    where: `kind = 'initial_access_token' AND value_key < $1 AND expires_at < $2`,
    ageMs: 0,
  },
  { table: 'grants', key: 'grant_id', where: 'grant_id < $1 AND expires_at < $2', ageMs: DAY_MS },
  {
    table: 'sessions',
    key: 'sid',
    where: 'sid < $1 AND expires_at < $2 AND ended_at IS NULL',
    ageMs: DAY_MS,
  },
  // An ended session outlives every grant that hangs on it: without it they would live again.
  { table: 'sessions', key: 'sid', where: 'sid < $1 AND ended_at < $2', ageMs: LONGEST_GRANT_AND_SESSION_MS },
];

/** Deletes one batch of each kind; gives how many rows went. */
export async function cleanUp(db: Database, nowMs: number): Promise<number> {
  let gone = 0;
  for (const { table, key, where, ageMs } of rules) {
    const parameters: Parameter[] = [timePrefix(nowMs - ageMs), nowMs, BATCH];
    gone += await db.write((tx) =>
      tx.run(
        `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE ${where} LIMIT $3)`,
        ...parameters,
      ),
    );
  }
  gone += await db.write((tx) =>
    tx.run(
      'DELETE FROM outbox WHERE outbox_key IN (SELECT outbox_key FROM outbox WHERE dead_at < $1 LIMIT $2)',
      nowMs - DEAD_LETTER_MS,
      BATCH,
    ),
  );
  gone += await db.write((tx) => tx.run('DELETE FROM revoked_tokens WHERE expires_at < $1', nowMs - DAY_MS));
  gone += await db.write((tx) =>
    tx.run('DELETE FROM throttles WHERE blocked_until < $1 AND window_started_at < $1', nowMs - 30 * DAY_MS),
  );
  return gone;
}
