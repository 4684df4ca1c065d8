/** Copies all rows from one database to another, whatever their engines. */
import type { Clock } from '../../lib/clock-and-random.ts';
import { handlePendingSignals } from '../../lib/handle-pending-signals.ts';
import type { Database, Parameter, Reader, Tx } from '../database.ts';
import type { LifeCycle } from '../life-cycle.ts';
import { type Migration, migrate, pendingMigrations } from '../migrate.ts';
import { refuseUnsuitableText } from '../refuse-unsuitable-encoding-or-collation.ts';
import { keyOf, lifeCycles } from '../restore-and-cleanup-rules/index.ts';
import { StorageConflictError, StorageRefusedError } from '../storage-errors.ts';

const PAGE = 500;

/** Rows per INSERT: neither engine accepts more than 32,766 parameters. */
const ROWS_PER_INSERT = 100;

/** The advice for a target that cannot be used. */
const EMPTY_TARGET_ADVICE =
  'give an empty database, which no server ran on (PostgreSQL: DROP DATABASE of what is not needed any more, then ' +
  "CREATE DATABASE name OWNER user TEMPLATE template0 LOCALE 'C' ENCODING 'UTF8')";

type Row = Record<string, Parameter>;

/** The number of copied rows per table. */
export type Counts = Readonly<Record<string, number>>;

/**
 * Migrates `to` if it is empty. If the copy would be refused, it throws before it changes anything: a database named by
 * mistake may be in use by a server.
 */
export async function prepareTarget(
  from: Database,
  to: Database,
  migrations: readonly Migration[],
  clock: Clock,
): Promise<void> {
  await refuseOlderSource(from, migrations);
  const pending = await pendingMigrations(to, migrations).catch((error: Error) => {
    if (!(error instanceof StorageRefusedError)) throw error;
    throw new StorageConflictError(`${error.message}; ${EMPTY_TARGET_ADVICE}`);
  });
  const isPartlyMigrated = pending.length > 0 && pending.length < migrations.length;
  // A copy that was killed leaves some migrations and no rows; the database of an older server has keys.
  if (isPartlyMigrated && (await to.get('SELECT kid FROM keys LIMIT 1')) !== undefined) {
    throw new StorageConflictError(
      `the target is the database of an older Gatehouse; ${EMPTY_TARGET_ADVICE}`,
    );
  }
  await migrate(to, migrations, clock);
}

async function refuseOlderSource(from: Database, migrations: readonly Migration[]): Promise<void> {
  if ((await pendingMigrations(from, migrations)).length === 0) return;
  throw new StorageRefusedError(
    'the source is from an older Gatehouse; run gatehouse database migrate on it first',
  );
}

/**
 * Copies the content of `from` at one moment into `to`; both must be migrated, and `to` empty. It is one transaction, so that
 * an interrupted copy leaves nothing that a server could start on. Throws {@link StorageRefusedError} if one of these
 * conditions does not hold, or if the counts differ afterwards. `remember` records the copy in the target.
 */
export async function copyDatabase(
  from: Database,
  to: Database,
  migrations: readonly Migration[],
  remember?: (tx: Tx) => void,
): Promise<Counts> {
  await refuseOlderSource(from, migrations);
  await refuseUnsuitableText(to);
  return from.snapshot((source) =>
    // This body also waits for the source, which is allowed here: there is no other writer to the target yet.
    to.write(async (tx) => {
      await refuseUnlessEmpty(tx);
      const counts: Record<string, number> = {};
      for (const one of lifeCycles) counts[one.table] = await copyTable(source, tx, one);
      for (const { table } of lifeCycles) await compareCounts(source, tx, table);
      remember?.(tx);
      return counts;
    }),
  );
}

async function refuseUnlessEmpty(to: Tx): Promise<void> {
  for (const { table } of lifeCycles) {
    if (table !== 'revisions' && (await countRows(to, table)) > 0) {
      throw new StorageConflictError(`the target already has rows in ${table}; ${EMPTY_TARGET_ADVICE}`);
    }
  }
  // A migration inserted this row.
  await to.run('DELETE FROM revisions');
}

async function countRows(db: Reader, table: string): Promise<number> {
  return Number((await db.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`))?.n);
}

/** Copies page by page in the order of the primary key. */
async function copyTable(source: Reader, to: Tx, life: LifeCycle): Promise<number> {
  const { table } = life;
  const key = keyOf(life);
  const columns = key.join(', ');
  const places = key.map((_column, index) => `$${index + 1}`).join(', ');
  let copied = 0;
  let last: Row | undefined;
  for (;;) {
    const after = last ? `WHERE (${columns}) > (${places})` : '';
    const sql = `SELECT * FROM ${table} ${after} ORDER BY ${columns} LIMIT ${PAGE}`;
    const position: Row = last ?? {};
    const rows = await source.all<Row>(sql, ...(last ? key.map((column) => position[column] ?? null) : []));
    if (rows.length === 0) return copied;
    await handlePendingSignals();
    for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
      await insertRows(to, table, rows.slice(start, start + ROWS_PER_INSERT));
    }
    copied += rows.length;
    last = rows.at(-1);
  }
}

async function insertRows(to: Tx, table: string, rows: readonly Row[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {});
  const places = rows.map((_row, index) => placesOf(columns.length, index * columns.length));
  await to.run(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${places.join(', ')}`,
    ...rows.flatMap((row) => columns.map((column) => row[column] ?? null)),
  );
}

function placesOf(count: number, before: number): string {
  return `(${Array.from({ length: count }, (_place, index) => `$${before + index + 1}`).join(', ')})`;
}

async function compareCounts(source: Reader, to: Reader, table: string): Promise<void> {
  const [wanted, seen] = [await countRows(source, table), await countRows(to, table)];
  if (wanted !== seen) {
    throw new StorageRefusedError(`${table} has ${wanted} rows at the source and ${seen} at the target`);
  }
}
