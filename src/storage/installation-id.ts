/** A random name of the installation: two databases with the same one are the same installation at two times. */
import type { Database } from './database.ts';

/** Gives the installation its id where it has none; of several processes that start at once, one does. */
export async function ensureInstallationId(db: Database, make: () => string): Promise<void> {
  const row = await db.get<{ house_id: string | null }>(
    `SELECT house_id FROM revisions WHERE name = 'house'`,
  );
  if (!row || row.house_id !== null) return;
  await db.write((tx) =>
    tx.run(`UPDATE revisions SET house_id = $1 WHERE name = 'house' AND house_id IS NULL`, make()),
  );
}
