/** Applies migrations/NNNN_name.sql in order, each in one transaction, and holds the applied ones to their checksum. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { Clock } from '../lib/clock-and-random.ts';
import { type Database, StorageMissingError, StorageRefusedError, type Tx } from './database.ts';

export interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/**
 * Stands for the checksum until the last statement is through. SQLite and PostgreSQL commit all of it together, so
 * that nobody sees it; engines that commit each change of a table by itself are kept from doing it twice, or by halves.
 */
const BEING_APPLIED = 'being applied';

interface AppliedRow {
  name: string;
  checksum: string;
}

/** The migrations in a folder, in order. */
export function readMigrations(directory: URL): Migration[] {
  return readdirSync(directory)
    .filter((file) => /^\d{4}_[a-z_]+\.sql$/.test(file))
    .sort()
    .map((name) => {
      const sql = readFileSync(new URL(name, directory), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    });
}

/** What is still to be applied. Throws {@link StorageRefusedError} where the database is from another Gatehouse. */
export async function pendingMigrations(
  db: Database,
  migrations: readonly Migration[],
): Promise<Migration[]> {
  const applied = await readApplied(db);
  for (const row of applied) checkApplied(row, migrations);
  return migrations.filter((migration) => !applied.some((row) => row.name === migration.name));
}

/** Applies what is pending and gives the names. */
export async function migrate(
  db: Database,
  migrations: readonly Migration[],
  clock: Clock,
): Promise<string[]> {
  const pending = await pendingMigrations(db, migrations);
  for (const migration of pending) {
    await db.write(async (tx) => {
      await db.lockSchema(tx);
      await apply(tx, migration, clock);
    });
  }
  return pending.map((migration) => migration.name);
}

/** `always`: whatever is pending. `empty`: only where nothing was applied yet, as by the command that begins an installation. */
export type Migrating = 'always' | 'empty' | 'never';

/**
 * Applies what is pending, where it may, and gives the names. Throws {@link StorageRefusedError} where it may not: a server
 * of the older version may still be at work on the database.
 */
export async function bring(
  db: Database,
  migrations: readonly Migration[],
  clock: Clock,
  migrating: Migrating,
): Promise<string[]> {
  if (migrating === 'always') return migrate(db, migrations, clock);
  const pending = await pendingMigrations(db, migrations);
  if (pending.length === 0) return [];
  const isEmpty = pending.length === migrations.length;
  if (isEmpty && migrating === 'empty') return migrate(db, migrations, clock);
  throw isEmpty ? new StorageMissingError(EMPTY) : new StorageRefusedError(sayPending(pending));
}

const EMPTY =
  'the database is empty: no Gatehouse was there yet. Start the server (gatehouse serve) or run gatehouse database migrate';

/** A sentence for the operator. */
export function sayPending(pending: readonly Migration[]): string {
  const names = pending.map(({ name }) => name).join(', ');
  return `migrations are pending: ${names}; run gatehouse database migrate, or start the server`;
}

async function readApplied(db: Database): Promise<AppliedRow[]> {
  try {
    return await db.all<AppliedRow>('SELECT name, checksum FROM migrations ORDER BY name');
  } catch (error) {
    if (error instanceof Error && /no such (table|column)|does not exist/.test(error.message)) return [];
    throw error;
  }
}

function checkApplied(row: AppliedRow, migrations: readonly Migration[]): void {
  const known = migrations.find((migration) => migration.name === row.name);
  if (!known) {
    throw new StorageRefusedError(
      `the database has migration ${row.name}, which this Gatehouse does not know: it is older than the database`,
    );
  }
  if (row.checksum === BEING_APPLIED) {
    throw new StorageRefusedError(
      `migration ${row.name} is being applied by another process; start again when that is done. ` +
        'Where there is none, it stopped half-way: restore the backup from before it',
    );
  }
  if (known.checksum !== row.checksum) {
    throw new StorageRefusedError(
      `migration ${row.name} was changed after it was applied; its checksum differs`,
    );
  }
}

async function apply(tx: Tx, migration: Migration, clock: Clock): Promise<void> {
  await tx.run(
    'CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)',
  );
  const { name, checksum } = migration;
  const isOurs = await tx.run(
    'INSERT INTO migrations (name, checksum, applied_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING',
    name,
    BEING_APPLIED,
    clock.nowMs(),
  );
  if (isOurs === 0) {
    const row = await tx.get<AppliedRow>('SELECT name, checksum FROM migrations WHERE name = $1', name);
    if (row) checkApplied(row, [migration]);
    return;
  }
  for (const statement of statementsOf(migration.sql)) await tx.run(statement);
  await tx.run('UPDATE migrations SET checksum = $2 WHERE name = $1', name, checksum);
}

/** Our migrations hold no semicolon but at the end of a statement. */
function statementsOf(sql: string): string[] {
  return sql
    .replace(/^[ \t]*--.*$/gm, '')
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
