import { otherSpelling } from '../../lib/uri-with-empty-path.ts';
import type { Reader, Tx } from '../database.ts';
import { raiseRevision } from '../revision-and-restore-times.ts';

export interface ResourceRow {
  resource: string;
  client_id: string;
}

/** Finds a resource in either spelling of an empty path; if both are registered, the one that was asked for. */
export function findResource(db: Reader, resource: string): Promise<ResourceRow | undefined> {
  return db.get<ResourceRow>(
    `SELECT resource, client_id FROM resources WHERE resource IN ($1, $2)
     ORDER BY CASE WHEN resource = $1 THEN 0 ELSE 1 END LIMIT 1`,
    resource,
    otherSpelling(resource),
  );
}

/** Replaces the resource indicators of the client. */
export async function replaceResources(
  tx: Tx,
  clientId: string,
  resources: readonly string[],
): Promise<void> {
  const gone = await tx.run('DELETE FROM resources WHERE client_id = $1', clientId);
  for (const resource of resources) {
    await tx.run('INSERT INTO resources (resource, client_id) VALUES ($1, $2)', resource, clientId);
  }
  // No cache remembers that a resource is not registered.
  if (gone > 0) await raiseRevision(tx);
}
