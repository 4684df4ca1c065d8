/**
 * The database that a restore replaces has what the backup does not: users disabled since, secrets that expired, keys that
 * were withdrawn. Access that was taken away stays taken away; beside it only what each table's life cycle names is carried
 * over.
 */
import { existsSync } from 'node:fs';
import SqliteDatabase from 'better-sqlite3';
import type { RestoreStep } from '../life-cycle.ts';
import { type Carried, nothingCarried } from '../restore-report.ts';
import { connect } from '../sqlite/connect.ts';
import { pin } from '../sqlite/objects-kept-from-garbage-collection.ts';
import type { Connection } from '../sqlite/prepare-and-run-sql.ts';
import {
  type Columns,
  type ForeignKey,
  type ForeignKeys,
  unconditionalSteps,
  withdrawalSteps,
} from './carry-over-sql.ts';

/** Why nothing was carried over from the replaced database. */
export type NotCarried =
  | 'brought_back'
  | 'no_database'
  | 'unreadable'
  | 'another_installation'
  | 'empty_target';

/**
 * Carries over from `replaced` into `prepared`, in one transaction. If there is no such file, it cannot be read, or it
 * belongs to another installation, it does nothing and returns the reason. `bringBack` leaves access as it is in `prepared`.
 */
export function carryOver(
  replaced: string,
  prepared: string,
  { nowMs, bringBack }: { readonly nowMs: number; readonly bringBack: boolean },
): Carried | NotCarried {
  if (!existsSync(replaced)) return 'no_database';
  const connection = connect(prepared);
  try {
    pin(connection.prepare('ATTACH ? AS since')).run(replaced);
    connection.exec('BEGIN');
    const columns = columnsOf(connection);
    if (!isSameInstallation(connection, columns)) return 'another_installation';
    run(connection, unconditionalSteps(columns, foreignKeysOf(connection)), nowMs);
    const carried = bringBack ? 'brought_back' : run(connection, withdrawalSteps(columns), nowMs);
    connection.exec('COMMIT');
    return carried;
  } catch (error) {
    // Closing rolls back.
    if (isUnreadable(error)) return 'unreadable';
    throw error;
  } finally {
    connection.close();
  }
}

/** The file is damaged, not a database of ours, or older than our tables. */
function isUnreadable(error: unknown): boolean {
  return (
    error instanceof SqliteDatabase.SqliteError &&
    /^SQLITE_(CORRUPT|NOTADB|CANTOPEN|IOERR|ERROR)/.test(error.code)
  );
}

function columnsOf(connection: Connection): Columns {
  const both = pin(
    connection.prepare(`SELECT name FROM pragma_table_info($table, 'main')
      INTERSECT SELECT name FROM pragma_table_info($table, 'since')`),
  ).pluck();
  return (table) => both.all({ table }) as string[];
}

function foreignKeysOf(connection: Connection): ForeignKeys {
  const keys = pin(
    connection.prepare(`SELECT "from" AS "column", "table" AS parent, "to" AS parentColumn
      FROM pragma_foreign_key_list($table, 'main')`),
  );
  return (table) => keys.all({ table }) as ForeignKey[];
}

/**
 * Both databases have the same id, or for databases from before there were ids, a key or a user in common. All of these
 * are random.
 */
function isSameInstallation(connection: Connection, columns: Columns): boolean {
  const hasId = columns('revisions').includes('house_id');
  return [
    ...(hasId ? ['SELECT 1 FROM since.revisions JOIN revisions USING (name, house_id)'] : []),
    'SELECT 1 FROM since.keys JOIN keys USING (kid)',
    'SELECT 1 FROM since.users JOIN users USING (sub)',
  ].some((sql) => isAny(connection, sql));
}

function isAny(connection: Connection, sql: string): boolean {
  return pin(connection.prepare(`${sql} LIMIT 1`)).get() !== undefined;
}

/** Runs the steps and returns their reports by name. */
function run(connection: Connection, steps: readonly RestoreStep[], nowMs: number): Carried {
  const carried = nothingCarried();
  for (const { sql, reportedAs } of steps) {
    const now = sql.includes('$now') ? [{ now: nowMs }] : [];
    const statement = pin(connection.prepare(sql));
    if (reportedAs === undefined) statement.run(...now);
    else carried[reportedAs] = statement.pluck().all(...now) as string[];
  }
  return carried;
}
