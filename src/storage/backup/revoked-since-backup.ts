/**
 * What of the database that is replaced comes into the backup, as SQLite is asked: `main` is the backup in today's form,
 * `since` the other. Each table declares it (life-cycles/).
 */
import type { AtRestore, ColumnsAtRestore, LifeCycle, RestoreStep } from '../life-cycle.ts';
import { dependentsFirst, keyOf, lifeCycles } from '../life-cycles/index.ts';

/** The columns that a table has in both databases. */
export type Columns = (table: string) => readonly string[];

/**
 * Whatever the operator brings back: an assertion that was used stays used, a password that was guessed at stays
 * locked, who must be told of a sign-out is told, and the installation is the same.
 */
export function unconditionalSteps(columns: Columns): readonly RestoreStep[] {
  return lifeCycles.flatMap((life) => [
    ...rowsKept(life, columns),
    ...(life.restore?.always?.(columnsOf(life, columns)) ?? []),
  ]);
}

/** What was taken away. Those that hang on others come first: whose a consent was is told by the name in the backup. */
export function withdrawalSteps(columns: Columns): readonly RestoreStep[] {
  return [
    ...dependentsFirst.flatMap((life) => [
      ...(life.restore?.takesAway?.(columnsOf(life, columns)) ?? []),
      ...rowsWithdrawn(life, columns),
    ]),
    ...lifeCycles.flatMap(({ restore }) => restore?.follows ?? []),
  ];
}

function columnsOf(life: LifeCycle, columns: Columns): ColumnsAtRestore {
  const both = columns(life.table);
  return (word: AtRestore) => both.filter((column) => life.columns[column] === word);
}

/** Nothing where the database that is replaced is from before there was such a table. */
function rowsKept({ table, restore }: LifeCycle, columns: Columns): readonly RestoreStep[] {
  const both = columns(table).join(', ');
  if (!restore?.keeps || both === '') return [];
  const { rows, known } = restore.keeps;
  const all = `SELECT ${both} FROM since.${table} AS later WHERE ${rows}`;
  return [{ sql: `INSERT OR ${known} INTO ${table} (${both}) ${all}` }];
}

function rowsWithdrawn(life: LifeCycle, columns: Columns): readonly RestoreStep[] {
  const { table, restore } = life;
  if (!restore?.withdraws) return [];
  const { reportedAs, value } = restore.withdraws;
  const same = [
    ...keyOf(life),
    ...Object.keys(life.columns).filter((column) => life.columns[column] === 'same'),
  ];
  // Of a column that the other database is too old for nobody knows whether it is the same.
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
