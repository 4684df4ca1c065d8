import { existsSync } from 'node:fs';
import { rememberMigrations } from '../../admin/whole-database.ts';
import { systemClock } from '../../lib/runtime.ts';
import { fileOfDatabase } from '../../storage/index.ts';
import { type Migration, migrate, pendingMigrations } from '../../storage/migrate.ts';
import { readSettings } from '../open.ts';
import { print } from '../terminal.ts';
import { makePlace, type Options, ownMigrations, withDatabase } from './options.ts';

export async function runMigrations(options: Options & { readonly dryRun?: boolean }): Promise<void> {
  const migrations = await ownMigrations();
  const settings = readSettings(options.config);
  const { database } = settings;
  const asJson = options.json === true;
  if (options.dryRun) return print({ pending: await namesOfPending(database, migrations) }, asJson);
  makePlace(settings);
  await withDatabase(database, async (db) => {
    const applied = await migrate(db, migrations, systemClock);
    if (applied.length < migrations.length) await rememberMigrations(db, applied);
    print({ applied }, asJson);
  });
}

/** Where there is no file yet, all of them: opening it would make it. */
async function namesOfPending(url: string, migrations: readonly Migration[]): Promise<string[]> {
  const file = fileOfDatabase(url);
  const pending =
    file !== undefined && !existsSync(file)
      ? migrations
      : await withDatabase(url, (db) => pendingMigrations(db, migrations));
  return pending.map((migration) => migration.name);
}
