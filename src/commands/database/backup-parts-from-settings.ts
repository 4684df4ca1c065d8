import { systemClock } from '../../lib/clock-and-random.ts';
import type { BackupParts } from '../../storage/backup/check-backup.ts';
import { readSettings } from '../read-settings.ts';
import type { Options } from './config-and-json-options.ts';
import { ownMigrations } from './shipped-migrations.ts';

/** What backup and restore need, from the settings. Throws CommandError where the settings cannot be used. */
export async function backupParts(options: Options): Promise<BackupParts> {
  const { database: url } = readSettings(options.config);
  return { url, migrations: await ownMigrations(), clock: systemClock };
}
