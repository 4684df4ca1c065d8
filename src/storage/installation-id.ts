/** A random id of the installation: databases with the same id are one installation at different times. */
import type { Database } from './database.ts';

/** Sets the id if there is none. If several processes start at once, one of them sets it. */
export async function ensureInstallationId(db: Database, make: () => string): Promise<void> {
  const row = await db.get<{ house_id: string | null }>(
    `SELECT house_id FROM revisions WHERE name = 'house'`,
  );
  if (!row || row.house_id !== null) return;
  await db.write((tx) =>
    tx.run(`UPDATE revisions SET house_id = $1 WHERE name = 'house' AND house_id IS NULL`, make()),
  );
}
