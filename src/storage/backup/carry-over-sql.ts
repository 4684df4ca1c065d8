/**
 * The SQL that carries over from the replaced database into the backup: `main` is the migrated backup, `since` the replaced
 * database. Each table declares its part (life-cycles/).
 */
import type { AtRestore, ColumnsAtRestore, LifeCycle, RestoreStep } from '../life-cycle.ts';
import { dependentsFirst, keyOf, lifeCycles } from '../life-cycles/index.ts';

/** The columns that a table has in both databases. */
export type Columns = (table: string) => readonly string[];

/**
 * Steps that run whatever the operator chose: used assertions stay used, passwords locked by guesses stay locked, pending
 * notifications of sign-outs are kept, and the installation keeps its id.
 */
export function unconditionalSteps(columns: Columns): readonly RestoreStep[] {
  return lifeCycles.flatMap((life) => [
    ...rowsKept(life, columns),
    ...(life.restore.always?.(columnsOf(life, columns)) ?? []),
  ]);
}

/**
 * Steps for access that was taken away. Referencing tables come first: a withdrawn consent is reported with the
 * username in the backup.
 */
export function withdrawalSteps(columns: Columns): readonly RestoreStep[] {
  return [
    ...dependentsFirst.flatMap((life) => [
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

/** No step if the replaced database is older than the table. */
function rowsKept({ table, restore }: LifeCycle, columns: Columns): readonly RestoreStep[] {
  const both = columns(table).join(', ');
  if (!restore.keeps || both === '') return [];
  const { rows, known } = restore.keeps;
  const all = `SELECT ${both} FROM since.${table} AS later WHERE ${rows}`;
  return [{ sql: `INSERT OR ${known} INTO ${table} (${both}) ${all}` }];
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
