import type { Reader, Tx } from '../database.ts';

export interface ConsentRow {
  sub: string;
  client_id: string;
  /** What was allowed, as JSON (oauth/access/). */
  access: string;
  created_at: number;
  updated_at: number;
}

/** The condition for a consent that is in force: one of another epoch was given for other metadata of the client. */
export const CONSENT_HOLDS = 'consents.client_epoch = clients.consent_epoch';

/** undefined if there is none, or it is no longer in force ({@link CONSENT_HOLDS}). */
export function findConsent(db: Reader, sub: string, clientId: string): Promise<ConsentRow | undefined> {
  return db.get<ConsentRow>(
    `SELECT sub, consents.client_id, access, consents.created_at, consents.updated_at
     FROM consents JOIN clients ON clients.client_id = consents.client_id
     WHERE sub = $1 AND consents.client_id = $2 AND ${CONSENT_HOLDS}`,
    sub,
    clientId,
  );
}

/** All stored consents of a user, in force or not, by client_id after `after`. */
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

/** Inserts or replaces the consent, in the client's current epoch. */
export async function putConsent(tx: Tx, row: ConsentRow): Promise<void> {
  await tx.run(
    `INSERT INTO consents (sub, client_id, access, created_at, updated_at, client_epoch)
     VALUES ($1, $2, $3, $4, $5, (SELECT consent_epoch FROM clients WHERE client_id = $2))
     ON CONFLICT (sub, client_id) DO UPDATE
       SET access = excluded.access, updated_at = excluded.updated_at, client_epoch = excluded.client_epoch`,
    row.sub,
    row.client_id,
    row.access,
    row.created_at,
    row.updated_at,
  );
}

/** Also deletes one that is no longer in force. False if there was none. */
export async function deleteConsent(tx: Tx, sub: string, clientId: string): Promise<boolean> {
  return (await tx.run('DELETE FROM consents WHERE sub = $1 AND client_id = $2', sub, clientId)) === 1;
}

/** Ends all consents for the client, because its metadata changed: users are asked again. */
export async function endConsentsOfClient(tx: Tx, clientId: string): Promise<void> {
  await tx.run('UPDATE clients SET consent_epoch = consent_epoch + 1 WHERE client_id = $1', clientId);
}
