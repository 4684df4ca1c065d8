/**
 * The SQL that carries over from the replaced database into the backup: `main` is the migrated backup, `since` the replaced
 * database. Each table declares its part (restore-and-cleanup-rules/).
 */
import type { AtRestore, ColumnsAtRestore, LifeCycle, RestoreStep } from '../life-cycle.ts';
import { dependentsFirst, keyOf, lifeCycles } from '../restore-and-cleanup-rules/index.ts';

/** The columns that a table has in both databases. */
export type Columns = (table: string) => readonly string[];

/** A foreign key of a table of the backup. */
export interface ForeignKey {
  readonly column: string;
  readonly parent: string;
  readonly parentColumn: string;
}

export type ForeignKeys = (table: string) => readonly ForeignKey[];

/**
 * Steps that run whatever the operator chose: used assertions stay used, passwords locked by guesses stay locked, pending
 * notifications of sign-outs are kept, and the installation keeps its id.
 */
export function unconditionalSteps(columns: Columns, foreignKeys: ForeignKeys): readonly RestoreStep[] {
  return lifeCycles.flatMap((life) => [
    ...rowsKept(life, columns, foreignKeys),
    ...(life.restore.always?.(columnsOf(life, columns)) ?? []),
  ]);
}

/**
 * Steps for access that was taken away. Referencing tables come first: a withdrawn consent is reported with the
 * username in the backup. None for a table that the replaced database is older than: a statement that names a table which
 * is not there would make the whole database unreadable.
 */
export function withdrawalSteps(columns: Columns): readonly RestoreStep[] {
  const inBoth = dependentsFirst.filter(({ table }) => columns(table).length > 0);
  return [
    ...inBoth.flatMap((life) => [
      ...(life.restore.takesAway?.(columnsOf(life, columns)) ?? []),
      ...rowsWithdrawn(life, columns),
    ]),
    ...lifeCycles.flatMap(({ restore }) => restore.follows ?? []),
  ];
}

function columnsOf(life: LifeCycle, columns: Columns): ColumnsAtRestore {
  const both = columns(life.table);
  return (word: AtRestore) => both.filter((column) => life.columns[column] === word);
}

/**
 * Copies what `keeps` names, without the rows whose parent is not in the backup: a foreign key would make the whole restore
 * fail, as `INSERT OR IGNORE` does not ignore it. No step if the replaced database is older than the table.
 */
export function rowsKept(
  { table, restore }: LifeCycle,
  columns: Columns,
  foreignKeys: ForeignKeys,
): readonly RestoreStep[] {
  const both = columns(table);
  if (!restore.keeps || both.length === 0) return [];
  const { rows, known } = restore.keeps;
  const withParent = foreignKeys(table)
    .filter(({ column }) => both.includes(column))
    .map(hasParent);
  const kept = [`(${rows})`, ...withParent].join(' AND ');
  const all = `SELECT ${both.join(', ')} FROM since.${table} AS later WHERE ${kept}`;
  return [{ sql: `INSERT OR ${known} INTO ${table} (${both.join(', ')}) ${all}` }];
}

function hasParent({ column, parent, parentColumn }: ForeignKey): string {
  const isThere = `EXISTS (SELECT 1 FROM main.${parent} AS parent WHERE parent.${parentColumn} = later.${column})`;
  return `(later.${column} IS NULL OR ${isThere})`;
}

function rowsWithdrawn(life: LifeCycle, columns: Columns): readonly RestoreStep[] {
  const { table, restore } = life;
  if (!restore.withdraws) return [];
  const { reportedAs, value } = restore.withdraws;
  const same = [
    ...keyOf(life),
    ...Object.keys(life.columns).filter((column) => life.columns[column] === 'same'),
  ];
  // If the other database is too old to have a column, it is unknown whether the value is the same.
  const isKnown = same.every((column) => columns(table).includes(column));
  const isThere = isKnown
    ? same.map((column) => `later.${column} IS ${table}.${column}`).join(' AND ')
    : 'false';
  return [
    {
      reportedAs,
      sql: `DELETE FROM ${table} WHERE NOT EXISTS (SELECT 1 FROM since.${table} AS later WHERE ${isThere})
        RETURNING ${value}`,
    },
  ];
}
