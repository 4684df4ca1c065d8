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

/** A consent of another epoch was given to a client of other metadata. */
export const CONSENT_HOLDS = 'consents.client_epoch = clients.consent_epoch';

export function findConsent(db: Reader, sub: string, clientId: string): Promise<ConsentRow | undefined> {
  return db.get<ConsentRow>(
    `SELECT sub, consents.client_id, scope, resources, claims, consents.created_at, consents.updated_at
     FROM consents JOIN clients ON clients.client_id = consents.client_id
     WHERE sub = $1 AND consents.client_id = $2 AND ${CONSENT_HOLDS}`,
    sub,
    clientId,
  );
}

/** All that is stored of a person, in force or not, by client_id from `after` on. */
export function listConsents(
  db: Reader,
  sub: string,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<ConsentRow[]> {
  return db.all<ConsentRow>(
    'SELECT * FROM consents WHERE sub = $1 AND client_id > $2 ORDER BY client_id LIMIT $3',
    sub,
    after,
    limit,
  );
}

/** In the epoch of its client. */
export async function putConsent(tx: Tx, row: ConsentRow): Promise<void> {
  await tx.run(
    `INSERT INTO consents (sub, client_id, scope, resources, created_at, updated_at, claims, client_epoch)
     VALUES ($1, $2, $3, $4, $5, $6, $7, (SELECT consent_epoch FROM clients WHERE client_id = $2))
     ON CONFLICT (sub, client_id) DO UPDATE
       SET scope = excluded.scope, resources = excluded.resources, updated_at = excluded.updated_at,
         claims = excluded.claims, client_epoch = excluded.client_epoch`,
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
export async function endConsentsOfClient(tx: Tx, clientId: string): Promise<void> {
  await tx.run('UPDATE clients SET consent_epoch = consent_epoch + 1 WHERE client_id = $1', clientId);
}
