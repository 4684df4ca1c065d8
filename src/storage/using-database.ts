import type { Database } from './database.ts';
import { openDatabase } from './open-database-by-url.ts';

/** Opens the database, runs `act`, and closes the database in every case. */
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
