/** Options, files and errors that all verbs of `database` share. */
import { makeDataDirectory } from '../../config/file-locations.ts';
import type { Settings } from '../../config/settings-schema.ts';
import { systemClock } from '../../lib/clock-and-random.ts';
import type { BackupParts } from '../../storage/backup/backup.ts';
import { StorageConflictError } from '../../storage/conflict-error.ts';
import type { Database } from '../../storage/database.ts';
import { fileOfDatabase } from '../../storage/index.ts';
import { type Migration, readMigrations } from '../../storage/migrate.ts';
import { asUnwritable } from '../../storage/sqlite/errors.ts';
import { refuseForeignFile, refuseLostFile, refuseMissingFile } from '../../storage/sqlite/file-checks.ts';
import { usingDatabase } from '../../storage/using-database.ts';
import { CommandError } from '../command-error.ts';
import { explain, readSettings } from '../open-gatehouse.ts';

export interface Options {
  readonly config?: string;
  readonly json?: boolean;
}

/** As {@link explain}; a conflict becomes exit code 4. */
export function explainStorage(error: unknown): never {
  if (error instanceof StorageConflictError) throw new CommandError(4, error.message);
  return explain(error);
}

/** Returns the error handler of a command that writes `file`: an error of the disk is explained with the name of the file. */
export function explainWriting(file: string): (error: unknown) => never {
  return (error) => explainStorage(asUnwritable(file, error));
}

/** Opens the database, runs `act` and closes it; a file that is not a Gatehouse database is refused. */
export async function withDatabase<Result>(
  url: string,
  act: (db: Database) => Promise<Result>,
): Promise<Result> {
  try {
    const file = fileOfDatabase(url);
    if (file !== undefined) refuseForeignFile(file);
    return await usingDatabase(url, act);
  } catch (error) {
    return explainStorage(error);
  }
}

/** Creates the folder of the database. Throws CommandError where it cannot. */
export function makeFolder(settings: Settings): void {
  try {
    makeDataDirectory(settings);
  } catch (error) {
    explain(error);
  }
}

/** For commands that only read a database, which must not create one. */
export const refuseMissing = refusing(refuseMissingFile);

/** For commands that may create a database, which must not replace one that was lost. */
export const refuseLost = refusing(refuseLostFile);

function refusing(refuse: (file: string) => void): (url: string) => void {
  return (url) => {
    const file = fileOfDatabase(url);
    try {
      if (file !== undefined) refuse(file);
    } catch (error) {
      explain(error);
    }
  };
}

/** The migrations of this version of Gatehouse, in the order in which they are applied. */
export async function ownMigrations(): Promise<Migration[]> {
  const { migrationsDirectory } = await import('../../gatehouse.ts');
  return readMigrations(migrationsDirectory);
}

/** What backup and restore need, from the settings. Throws CommandError where the settings cannot be used. */
export async function backupParts(options: Options): Promise<BackupParts> {
  const { database: url } = readSettings(options.config);
  return { url, migrations: await ownMigrations(), clock: systemClock };
}
