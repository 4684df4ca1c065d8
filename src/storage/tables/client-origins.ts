import type { Reader, Tx } from '../database.ts';
import { raiseRevision } from '../revision-and-restore-times.ts';
import type { ClientRow } from './clients.ts';

export interface OriginsOfClient {
  readonly client_id: string;
  readonly origins: readonly string[];
}

/** Replaces the origins of these clients with those of their current redirect URIs. Three statements, however many. */
export async function replaceOrigins(tx: Tx, clients: readonly OriginsOfClient[]): Promise<void> {
  if (clients.length === 0) return;
  const ids = clients.map(({ client_id }) => client_id);
  const places = ids.map((_id, index) => `$${index + 1}`).join(', ');
  const gone = await tx.run(`DELETE FROM client_origins WHERE client_id IN (${places})`, ...ids);
  const pairs = clients.flatMap(({ client_id, origins }) => origins.map((origin) => [origin, client_id]));
  if (pairs.length > 0) {
    const rows = pairs.map((_pair, index) => `($${2 * index + 1}, $${2 * index + 2})`).join(', ');
    await tx.run(`INSERT INTO client_origins (origin, client_id) VALUES ${rows}`, ...pairs.flat());
  }
  await tx.run(`UPDATE clients SET origins_at = updated_at WHERE client_id IN (${places})`, ...ids);
  if (gone > 0) await raiseRevision(tx);
}

/** Whether the origin belongs to a redirect URI of an enabled client. */
export async function isClientOrigin(db: Reader, origin: string): Promise<boolean> {
  const row = await db.get(
    `SELECT 1 AS there FROM client_origins JOIN clients USING (client_id)
     WHERE origin = $1 AND disabled_at IS NULL LIMIT 1`,
    origin,
  );
  return row !== undefined;
}

/** Clients whose origins were not derived from their current metadata yet. */
export function listWithoutOrigins(
  db: Reader,
  limit: number,
): Promise<Pick<ClientRow, 'client_id' | 'metadata'>[]> {
  return db.all(
    `SELECT client_id, metadata FROM clients WHERE (origins_at IS NULL OR origins_at <> updated_at)
     ORDER BY client_id LIMIT $1`,
    limit,
  );
}
