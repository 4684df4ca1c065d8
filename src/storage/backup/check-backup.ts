/** Opens a backup as a server would, and asks whether it is whole. */
import type { Clock } from '../../lib/clock-and-random.ts';
import { type Migration, pendingMigrations } from '../migrate.ts';
import { refuseForeignFile } from '../sqlite/file-checks.ts';
import { StorageRefusedError } from '../storage-errors.ts';
import { usingDatabase } from '../using-database.ts';

export interface BackupParts {
  readonly url: string;
  readonly migrations: readonly Migration[];
  readonly clock: Clock;
}

/** Throws {@link StorageRefusedError} if the file is not an undamaged Gatehouse database that this version supports. */
export async function checkBackup({ migrations }: BackupParts, file: string): Promise<void> {
  refuseForeignFile(file);
  await usingDatabase(`sqlite:${file}`, async (db) => {
    const { findings } = await db.inspect();
    if (findings.length > 0) throw new StorageRefusedError(`${file} is damaged: ${findings.join('; ')}`);
    const pending = await pendingMigrations(db, migrations);
    if (pending.length === migrations.length)
      throw new StorageRefusedError(`${file} is not a Gatehouse database: it has none of its tables`);
  });
}
