import type { Reader, Tx } from '../database.ts';

export interface ConsentRow {
  sub: string;
  client_id: string;
  /** Space-separated. */
  scope: string;
  /** JSON array of resource indicators. */
  resources: string;
  /** JSON array of claims that were allowed one by one; null where none was. */
  claims: string | null;
  created_at: number;
  updated_at: number;
}

export function findConsent(db: Reader, sub: string, clientId: string): Promise<ConsentRow | undefined> {
  return db.get<ConsentRow>('SELECT * FROM consents WHERE sub = $1 AND client_id = $2', sub, clientId);
}

export async function putConsent(tx: Tx, row: ConsentRow): Promise<void> {
  await tx.run(
    `INSERT INTO consents (sub, client_id, scope, resources, created_at, updated_at, claims)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (sub, client_id) DO UPDATE
       SET scope = excluded.scope, resources = excluded.resources, updated_at = excluded.updated_at,
         claims = excluded.claims`,
    row.sub,
    row.client_id,
    row.scope,
    row.resources,
    row.created_at,
    row.updated_at,
    row.claims,
  );
}

export async function deleteConsent(tx: Tx, sub: string, clientId: string): Promise<boolean> {
  return (await tx.run('DELETE FROM consents WHERE sub = $1 AND client_id = $2', sub, clientId)) === 1;
}

/** Whatever was allowed to the client is asked again (its metadata changed). */
export function deleteConsentsOfClient(tx: Tx, clientId: string): Promise<number> {
  return tx.run('DELETE FROM consents WHERE client_id = $1', clientId);
}
