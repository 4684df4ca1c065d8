import type { Database } from './database.ts';
import { openDatabase } from './index.ts';

/** Opens, runs and closes, whatever happens. */
export async function usingDatabase<Result>(
  url: string,
  act: (db: Database) => Promise<Result>,
): Promise<Result> {
  const db = openDatabase(url);
  try {
    return await act(db);
  } finally {
    await db.close();
  }
}
