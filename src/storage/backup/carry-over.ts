/**
 * The database that a restore replaces knows what the backup does not: who was disabled since, which secret ended,
 * which key was withdrawn. Access that was taken away stays taken away; nothing else is carried over.
 */
import { existsSync } from 'node:fs';
import SqliteDatabase from 'better-sqlite3';
import type { RestoreStep } from '../life-cycle.ts';
import { type Carried, nothingCarried } from '../restore-report.ts';
import { connect } from '../sqlite/connect.ts';
import { pin } from '../sqlite/pinned-objects.ts';
import type { Connection } from '../sqlite/statements.ts';
import { type Columns, unconditionalSteps, withdrawalSteps } from './revoked-since-backup.ts';

/** Why nothing was taken from the database that was there. */
export type NotCarried =
  | 'brought_back'
  | 'no_database'
  | 'unreadable'
  | 'another_installation'
  | 'empty_target';

/**
 * From `replaced` into `prepared`, in one transaction. Nothing is done, and the reason is given, where there is no such
 * file, it cannot be read, or it is another installation. `bringBack` leaves access as it is in `prepared`.
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
    run(connection, unconditionalSteps(columns), nowMs);
    const carried = bringBack ? 'brought_back' : run(connection, withdrawalSteps(columns), nowMs);
    connection.exec('COMMIT');
    return carried;
  } catch (error) {
    // Closing rolls back.
    if (tellsNothing(error)) return 'unreadable';
    throw error;
  } finally {
    connection.close();
  }
}

/** Damaged, foreign, or older than our tables. */
function tellsNothing(error: unknown): boolean {
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

/**
 * The id tells, where both have it. A key or a person that both know tells too, of databases from before there were
 * ids: all of these are random.
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

/** Gives what the steps tell, by name. */
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
