import { systemClock } from '../../lib/clock-and-random.ts';
import type { BackupParts } from '../../storage/backup/backup.ts';
import { readSettings } from '../open-gatehouse.ts';
import type { Options } from './options.ts';
import { ownMigrations } from './shipped-migrations.ts';

/** What backup and restore need, from the settings. Throws CommandError where the settings cannot be used. */
export async function backupParts(options: Options): Promise<BackupParts> {
  const { database: url } = readSettings(options.config);
  return { url, migrations: await ownMigrations(), clock: systemClock };
}
