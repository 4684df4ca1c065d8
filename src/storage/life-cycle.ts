/**
 * What becomes of the rows of one table. Each table declares it (life-cycles/); copies, the clean-up, restores, deletions
 * and `database check` read it there and know no table by name.
 */

import type { Parameter } from './database.ts';
import type { Carried } from './restore-report.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Where all that is old goes, there is little to look at. */
export const OFTEN_MS = 5000;
/** Where most of it stays, all of it is looked at. */
export const SELDOM_MS = 10 * MINUTE_MS;

/** `Column`: every column of the table, so that one that is new is declared before it compiles. */
export interface LifeCycle<Column extends string = string> {
  readonly table: string;
  /** What a restore leaves in each. Those of the primary key stand in its order. */
  readonly columns: Readonly<Record<Column, AtRestore>>;
  /** Columns that lead to another table, and how a row ends with the row that it leads to. */
  readonly hangsOn?: Readonly<Partial<Record<Column, Parent>>>;
  /** What the clean-up takes; without it, nothing. */
  readonly cleanUp?: readonly CleanUpRule<Column>[];
  readonly restore?: Restoring<Column>;
  /** Rows that point to what is not there, where no foreign key keeps them from it. */
  readonly orphans?: readonly OrphanQuestion[];
}

/** The life cycle of a table of these rows. */
export type LifeCycleOf<Row> = LifeCycle<keyof Row & string>;

/** Of a row that is in the backup and in the database that it replaces, what is in the column after the restore. */
export type AtRestore =
  /** It is part of the primary key. */
  | 'key'
  /** As in the backup. */
  | 'backup'
  /** As in the backup, or the end that the row had since, or is given by the restore. */
  | 'ends'
  /** As it was last; where it differs the row is carried over. */
  | 'since'
  /** As it was last, where the row is carried over. */
  | 'along'
  /** The greater of both. */
  | 'greater'
  /** As in the backup, or as it was last where the backup says nothing. */
  | 'known'
  /** Where it differs the row goes: what it says was taken back since. */
  | 'same'
  /** Nothing, where the row is carried over: the next start fills it in. */
  | 'anew'
  /** The time of the restore. */
  | 'dated';

export interface Parent {
  readonly table: string;
  /**
   * `cascade`: with it, by its foreign key; `pieces`: before it, some at a time, as there may be many; `outlives`: it stays
   * and counts for nothing, or is told yet; `another`: with what another column leads to.
   */
  readonly ends: 'cascade' | 'pieces' | 'outlives' | 'another';
}

/** Rows that nobody can ask for any more. A statement that reads one of them asks for its expiry itself. */
export interface CleanUpRule<Column extends string = string> {
  /** The rows are gone through in its order: the primary key, or what is first of it after {@link within}. */
  readonly key: Column;
  /** What the primary key begins with, where it begins with something else. */
  readonly within?: string;
  /** Only rows whose key begins with a time that is longer ago. */
  readonly madeAgoMs?: number;
  /** Which of them, where $1 is {@link agoMs} ago; without it, all. */
  readonly due?: string;
  readonly agoMs?: number;
  /** The setting that says both in days; 0 days are for ever. */
  readonly days?: keyof Retention;
  /** What is done with them; without it, they are deleted. */
  readonly set?: string;
  /** How long after it went through all rows it begins anew. */
  readonly everyMs: number;
}

export interface Retention {
  readonly audit_days: number;
  readonly personal_data_days: number;
}

/** All of it is asked of SQLite but {@link ends}: `main` is the backup in today's form, `since` the database that it replaces. */
export interface Restoring<Column extends string = string> {
  /** What could have been spent or revoked since, unless the operator says that nothing was: by its date, or deleted. */
  readonly ends?: Ending<Column>;
  /** Rows of `since` (`later`) that come along whatever the operator brings back. `known`: what becomes of those that are there. */
  readonly keeps?: { readonly rows: string; readonly known: 'IGNORE' | 'REPLACE' };
  /** What else is so, whatever the operator brings back. */
  readonly always?: (columns: ColumnsAtRestore) => readonly RestoreStep[];
  /** Rows go that are not there since, or are not the same: what the operator is told, and as what. */
  readonly withdraws?: { readonly told: keyof Carried; readonly as: string };
  /** What else was taken away since, in this order. */
  readonly takesAway?: (columns: ColumnsAtRestore) => readonly RestoreStep[];
  /** What follows from the rows of the tables that this one hangs on, as they are then. */
  readonly follows?: readonly RestoreStep[];
}

export interface Ending<Column extends string = string> {
  readonly by: Column | 'deletion';
  readonly counted?: keyof Ended;
}

/** Those of the table that are declared so, and are in both databases. */
export type ColumnsAtRestore = (word: AtRestore) => readonly string[];

/** Sets columns that only grow, of rows that both have; nothing where none is in both. */
export function raise(table: string, key: string, columns: readonly string[]): readonly RestoreStep[] {
  if (columns.length === 0) return [];
  const greater = columns.map((column) => `${column} = max(${table}.${column}, later.${column})`);
  return [
    {
      sql: `UPDATE ${table} SET ${greater.join(', ')} FROM since.${table} AS later WHERE later.${key} = ${table}.${key}`,
    },
  ];
}

/** $now is in milliseconds. */
export interface RestoreStep {
  readonly sql: string;
  /** What the operator is told: the one column that the statement gives. */
  readonly told?: keyof Carried;
}

export interface OrphanQuestion {
  /** What was counted, and what to do. */
  readonly sentence: string;
  /** Gives the number `n`. */
  readonly sql: string;
  readonly parameters?: (nowMs: number) => readonly Parameter[];
}

/** How many ended with a restore. */
export interface Ended {
  readonly grants: number;
  readonly sessions: number;
  readonly codes: number;
}
