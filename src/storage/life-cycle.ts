/**
 * The life cycle of the rows of a table. Each table declares it (restore-and-cleanup-rules/); copies, the clean-up, restores, deletions
 * and `database check` read the declarations and name no table themselves.
 */

import { MINUTE_MS } from '../lib/durations.ts';
import type { Parameter } from './database.ts';
import type { Carried } from './restore-report.ts';

/** For tables whose old rows are all deleted: there is little to read. */
export const OFTEN_MS = 5000;

/** For tables that keep most rows: each run reads all of them. */
export const SELDOM_MS = 10 * MINUTE_MS;

/** `Column`: every column of the table, so that a new column does not compile until it is declared. */
export interface LifeCycle<Column extends string = string> {
  readonly table: string;
  /** What a restore does with each column. The columns of the primary key are in its order. */
  readonly columns: Readonly<Record<Column, AtRestore>>;
  /** Columns that reference another table, and what happens to a row when the referenced row is deleted. */
  readonly dependsOn?: Readonly<Partial<Record<Column, Parent>>>;
  /** What the clean-up deletes or blanks, or {@link NEVER_CLEANED}. */
  readonly cleanUp: readonly CleanUpRule<Column>[];
  /** What a restore does with the rows, or {@link AS_IN_BACKUP}. */
  readonly restore: Restoring<Column>;
  /** What the rows say of people, or {@link NO_PERSONAL_DATA}: docs/how-to/personal-data.md has it. */
  readonly personal: readonly PersonalData[];
  /** Queries for rows that reference a missing row, where no foreign key prevents that. */
  readonly orphans?: readonly OrphanQuestion[];
}

/** The life cycle of a table of these rows. */
export type LifeCycleOf<Row> = LifeCycle<keyof Row & string>;

/** The value of a column after a restore, for a row that is in the backup and in the database that it replaces. */
export type AtRestore =
  /** Part of the primary key. */
  | 'key'
  /** The value in the backup. */
  | 'backup'
  /** The value in the backup, or the time at which the row ended since, or was ended by the restore. */
  | 'ends'
  /** The value in the replaced database; a difference causes the row to be carried over. */
  | 'since'
  /** The value in the replaced database, if the row is carried over. */
  | 'along'
  /** The greater of the two values. */
  | 'greater'
  /** The value in the backup, or if that is NULL, the value in the replaced database. */
  | 'known'
  /** If the two values differ, the row is deleted: what it allows was taken back since. */
  | 'same'
  /** NULL, if the row is carried over: the next start fills it in. */
  | 'anew'
  /** The time of the restore. */
  | 'dated';

/** A row of docs/how-to/personal-data.md (`npm run docs:write`). Tables that declare the same share it. */
export interface PersonalData {
  readonly what: string;
  readonly kept: string;
}

/** No row has personal data: no `sub`, name or address, and nothing that a user did. */
export const NO_PERSONAL_DATA: readonly never[] = [];

export interface Parent {
  readonly table: string;
  /**
   * `cascade`: deleted with the referenced row, by the foreign key; `pieces`: deleted before it, some at a time, as there may
   * be many; `outlives`: it stays without effect, or to be delivered; `another`: deleted with the row that another column
   * references.
   */
  readonly ends: 'cascade' | 'pieces' | 'outlives' | 'another';
}

/** Rows that no request can use any more. Statements that read such rows check the expiry themselves. */
export type CleanUpRule<Column extends string = string> = CleanUpWalk<Column> & DueRows;

export interface CleanUpWalk<Column extends string = string> {
  /** The walk follows the order of this column: the primary key, or its first column after those in {@link within}. */
  readonly key: Column;
  /** A condition on the columns of the primary key before {@link key}, if there are any. */
  readonly within?: string;
  /** The columns to set; without it, the rows are deleted. */
  readonly set?: string;
  /** How long after the end of a walk the next one begins. */
  readonly everyMs: number;
}

/** A rule that names neither a condition nor an age would delete every row: it does not compile. */
export type DueRows = DueAfterMs | DueAfterDays;

/** At least one of `due` and `madeAgoMs`. */
export type DueAfterMs = {
  /** How long ago $1 of `due` is. The hour or day that a declaration adds is for a node whose clock is ahead. */
  readonly agoMs?: number;
} & (
  | {
      /** The condition for these rows, with $1 = `agoMs` ago. */
      readonly due: string;
      /** Only rows whose key begins with a time longer ago than this. */
      readonly madeAgoMs?: number;
      readonly days?: undefined;
    }
  | { readonly due?: undefined; readonly madeAgoMs: number; readonly days?: undefined }
);

export interface DueAfterDays {
  /** The setting that gives both times, of the key and of $1, in days; 0 means never. */
  readonly days: keyof Retention;
  readonly due?: string;
}

export interface Retention {
  readonly audit_days: number;
  readonly personal_data_days: number;
}

/**
 * Time deletes no row: each is kept until a command or a request deletes it, or until the row that it depends on is deleted.
 * Wrong for rows that end by themselves or that any client can add without a bound: they would be kept for ever.
 */
export const NEVER_CLEANED: readonly never[] = [];

/** All of it is SQL for SQLite except {@link ends}: `main` is the migrated backup, `since` the database that it replaces. */
export interface Restoring<Column extends string = string> {
  /**
   * How rows end that could have been spent or revoked since, unless the operator says that none was: a date, or
   * deletion.
   */
  readonly ends?: Ending<Column>;
  /**
   * Rows of `since` (alias `later`) that are always carried over, except those whose parent by a foreign key is not in the
   * backup. `known`: how a conflict with an existing row is resolved.
   */
  readonly keeps?: { readonly rows: string; readonly known: 'IGNORE' | 'REPLACE' };
  /** Other statements that always run. */
  readonly always?: (columns: ColumnsAtRestore) => readonly RestoreStep[];
  /** Deletes rows that are missing or different in `since`. They are reported under this name, each with this SQL value. */
  readonly withdraws?: { readonly reportedAs: keyof Carried; readonly value: string };
  /** Statements for other access that was taken away since, in this order. */
  readonly takesAway?: (columns: ColumnsAtRestore) => readonly RestoreStep[];
  /** Statements that adapt the rows to those of the referenced tables; they run last. */
  readonly follows?: readonly RestoreStep[];
}

/**
 * The rows stay as they are in the backup, also those that were deleted or changed since. Right only if that restores no
 * access that was revoked since: the rows allow nothing, or what they belong to is restored by rules of its own.
 * Wrong for credentials, and for values that can be used once: those spent since could be used again.
 */
export const AS_IN_BACKUP: Restoring<never> = {};

export interface Ending<Column extends string = string> {
  readonly by: Column | 'deletion';
  readonly counted?: keyof Ended;
}

/** The columns of the table that are declared with this word and exist in both databases. */
export type ColumnsAtRestore = (word: AtRestore) => readonly string[];

/** Sets columns that only grow, in rows that both databases have. No statement if no column is in both. */
export function raise(table: string, key: string, columns: readonly string[]): readonly RestoreStep[] {
  if (columns.length === 0) return [];
  const greater = columns.map((column) => `${column} = max(${table}.${column}, later.${column})`);
  return [
    {
      sql: `UPDATE ${table} SET ${greater.join(', ')} FROM since.${table} AS later WHERE later.${key} = ${table}.${key}`,
    },
  ];
}

/** `$now` in the SQL is in milliseconds. */
export interface RestoreStep {
  readonly sql: string;
  /** The name under which the one column that the statement returns is reported to the operator. */
  readonly reportedAs?: keyof Carried;
}

export interface OrphanQuestion {
  /** Continues the count: what the rows are, and what to do. */
  readonly sentence: string;
  /** Returns the number of rows as `n`. */
  readonly sql: string;
  readonly parameters?: (nowMs: number) => readonly Parameter[];
}

/** How many rows a restore ended. */
export interface Ended {
  readonly grants: number;
  readonly sessions: number;
  readonly codes: number;
}
