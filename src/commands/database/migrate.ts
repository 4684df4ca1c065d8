import { systemClock } from '../../lib/runtime.ts';
import { migrate, pendingMigrations } from '../../storage/migrate.ts';
import { readSettings } from '../open.ts';
import { print } from '../terminal.ts';
import { type Options, ownMigrations, withDatabase } from './options.ts';

export async function runMigrations(options: Options & { readonly dryRun?: boolean }): Promise<void> {
  const migrations = await ownMigrations();
  await withDatabase(readSettings(options.config).database, async (db) => {
    const pending = (await pendingMigrations(db, migrations)).map((migration) => migration.name);
    if (options.dryRun) return print({ pending }, options.json === true);
    print({ applied: await migrate(db, migrations, systemClock) }, options.json === true);
  });
}
