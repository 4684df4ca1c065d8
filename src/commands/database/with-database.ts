import type { Database } from '../../storage/database.ts';
import { fileOfDatabase } from '../../storage/open-database-by-url.ts';
import { refuseForeignFile } from '../../storage/sqlite/file-checks.ts';
import { usingDatabase } from '../../storage/using-database.ts';
import { explainStorage } from './explain-storage-errors.ts';

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
