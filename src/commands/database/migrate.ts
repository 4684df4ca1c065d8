import { recordAppliedMigrations } from '../../admin/whole-database.ts';
import { systemClock } from '../../lib/clock-and-random.ts';
import { fileOfDatabase } from '../../storage/index.ts';
import { type Migration, migrate, pendingMigrations } from '../../storage/migrate.ts';
import { bytesOf } from '../../storage/sqlite/file-checks.ts';
import { readSettings } from '../open-gatehouse.ts';
import { print, say } from '../terminal.ts';
import { makePlace, type Options, ownMigrations, refuseLost, withDatabase } from './options.ts';

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
  const begun = fileToBegin(database);
  if (options.dryRun) {
    const pending = begun === undefined ? await pendingIn(database, migrations) : migrations;
    // Typed in the wrong folder it would look like an upgrade from the very first version.
    if (begun !== undefined) say(`There is no database ${begun}; this would begin one`);
    return print({ pending: pending.map(({ name }) => name) }, asJson);
  }
  makePlace(settings);
  await withDatabase(database, async (db) => {
    const applied = await migrate(db, migrations, systemClock);
    if (applied.length < migrations.length) await recordAppliedMigrations(db, applied);
    if (begun !== undefined) say(`There was no database yet: this began ${begun}`);
    print({ applied }, asJson);
  });
}

/** The file where there is none yet, or nothing in it: to ask it for what is pending would make a database. */
function fileToBegin(url: string): string | undefined {
  const file = fileOfDatabase(url);
  return file === undefined || bytesOf(file) ? undefined : file;
}

function pendingIn(url: string, migrations: readonly Migration[]): Promise<Migration[]> {
  return withDatabase(url, (db) => pendingMigrations(db, migrations));
}
