/** What every verb of `database` does alike. */
import { existsSync } from 'node:fs';
import { systemClock } from '../../lib/runtime.ts';
import type { BackupParts } from '../../storage/backup.ts';
import type { Database } from '../../storage/database.ts';
import { fileOfDatabase, openDatabase } from '../../storage/index.ts';
import { type Migration, readMigrations } from '../../storage/migrate.ts';
import { explain, readSettings } from '../open.ts';
import { CommandError } from '../terminal.ts';

export interface Options {
  readonly config?: string;
  readonly json?: boolean;
}

/** Opens, runs and closes; what cannot be used is explained. */
export async function withDatabase<Result>(
  url: string,
  act: (db: Database) => Promise<Result>,
): Promise<Result> {
  const db = openOrExplain(url);
  try {
    return await act(db).catch(explain);
  } finally {
    await db.close();
  }
}

function openOrExplain(url: string): Database {
  try {
    return openDatabase(url);
  } catch (error) {
    return explain(error);
  }
}

/** A question about a database must not make one. */
export function refuseMissing(url: string): void {
  const file = fileOfDatabase(url);
  if (file !== undefined && !existsSync(file)) throw new CommandError(1, `there is no database ${file}`);
}

export async function ownMigrations(): Promise<Migration[]> {
  const { migrationsDirectory } = await import('../../gatehouse.ts');
  return readMigrations(migrationsDirectory);
}

export async function backupParts(options: Options): Promise<BackupParts> {
  const { database: url } = readSettings(options.config);
  return { url, migrations: await ownMigrations(), clock: systemClock };
}
