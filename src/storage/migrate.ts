/** Applies migrations/NNNN_name.sql in order, each in one transaction, and checks the checksums of the applied ones. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { Clock } from '../lib/clock-and-random.ts';
import type { Database, Tx } from './database.ts';
import { StorageMissingError, StorageRefusedError } from './storage-errors.ts';

export interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/**
 * Stored in place of the checksum until the last statement has run. SQLite and PostgreSQL commit a migration as a whole, so
 * it is never visible; on engines that commit each schema change separately it prevents a second or a partial run.
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

/**
 * The migrations still to be applied. Throws {@link StorageRefusedError} if the applied ones are not those of this
 * version.
 */
export async function pendingMigrations(
  db: Database,
  migrations: readonly Migration[],
): Promise<Migration[]> {
  const applied = await readApplied(db);
  for (const row of applied) checkApplied(row, migrations);
  return migrations.filter((migration) => !applied.some((row) => row.name === migration.name));
}

/** Applies the pending migrations and returns their names. */
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

/**
 * `always`: apply whatever is pending. `empty`: only in an empty database, as the command that creates an
 * installation does.
 */
export type MigrationPolicy = 'always' | 'empty' | 'never';

/**
 * Applies the pending migrations if the policy allows it, and returns their names. Otherwise throws
 * {@link StorageRefusedError}: a server of the older version may still be using the database.
 */
export async function migrateIfAllowed(
  db: Database,
  migrations: readonly Migration[],
  clock: Clock,
  migrating: MigrationPolicy,
): Promise<string[]> {
  if (migrating === 'always') return migrate(db, migrations, clock);
  const pending = await pendingMigrations(db, migrations);
  if (pending.length === 0) return [];
  const isEmpty = pending.length === migrations.length;
  if (isEmpty && migrating === 'empty') return migrate(db, migrations, clock);
  throw isEmpty ? new StorageMissingError(EMPTY) : new StorageRefusedError(describePending(pending));
}

const EMPTY =
  'the database is empty: no Gatehouse was there yet. Start the server (gatehouse serve) or run gatehouse database migrate';

/** A sentence that names the pending migrations for the operator. */
export function describePending(pending: readonly Migration[]): string {
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

/** Our migrations have semicolons only at the end of statements. */
function statementsOf(sql: string): string[] {
  return sql
    .replace(/^[ \t]*--.*$/gm, '')
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
