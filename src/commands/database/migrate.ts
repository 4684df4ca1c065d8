import { recordAppliedMigrations } from '../../admin-commands/audit-database-commands.ts';
import { systemClock } from '../../lib/clock-and-random.ts';
import { type Migration, migrate, pendingMigrations } from '../../storage/migrate.ts';
import { fileOfDatabase } from '../../storage/open-database-by-url.ts';
import { bytesOf } from '../../storage/sqlite/file-checks.ts';
import { print, say } from '../print.ts';
import { readSettings } from '../read-settings.ts';
import type { Options } from './config-and-json-options.ts';
import { makeFolder } from './make-database-folder.ts';
import { refuseLost } from './refuse-missing-or-lost-file.ts';
import { ownMigrations } from './shipped-migrations.ts';
import { withDatabase } from './with-database.ts';

/**
 * Applies the pending migrations, and makes the database where there is none. With `dryRun` it only prints their names.
 * Throws CommandError where the database cannot be used, or its file was lost (refuseLostFile).
 */
export async function runMigrations(options: Options & { readonly dryRun?: boolean }): Promise<void> {
  const migrations = await ownMigrations();
  const settings = readSettings(options.config);
  const { database } = settings;
  const asJson = options.json === true;
  refuseLost(database);
  const newFile = fileToCreate(database);
  if (options.dryRun) {
    const pending = newFile === undefined ? await pendingIn(database, migrations) : migrations;
    // In the wrong folder the list would otherwise look like an upgrade from the first version.
    if (newFile !== undefined) say(`There is no database ${newFile}; this would begin one`);
    return print({ pending: pending.map(({ name }) => name) }, asJson);
  }
  makeFolder(settings);
  await withDatabase(database, async (db) => {
    const applied = await migrate(db, migrations, systemClock);
    if (applied.length < migrations.length) await recordAppliedMigrations(db, applied);
    if (newFile !== undefined) say(`There was no database yet: this began ${newFile}`);
    print({ applied }, asJson);
  });
}

/** The database file where it is missing or empty: reading its pending migrations would create a database. */
function fileToCreate(url: string): string | undefined {
  const file = fileOfDatabase(url);
  return file === undefined || bytesOf(file) ? undefined : file;
}

function pendingIn(url: string, migrations: readonly Migration[]): Promise<Migration[]> {
  return withDatabase(url, (db) => pendingMigrations(db, migrations));
}
