import type { Reader, Tx } from '../database.ts';
import { raiseRevision } from '../revision-and-restore-times.ts';

export interface ClientSecretRow {
  client_id: string;
  secret_hash: string;
  created_at: number;
  expires_at: number | null;
}

/** For a client that is made or changed in the same transaction, which raises the revision if that is needed. */
export async function insertClientSecret(tx: Tx, row: ClientSecretRow): Promise<void> {
  await tx.run(
    'INSERT INTO client_secrets (client_id, secret_hash, created_at, expires_at) VALUES ($1, $2, $3, $4)',
    row.client_id,
    row.secret_hash,
    row.created_at,
    row.expires_at,
  );
}

/** All secrets of the client, expired ones too, oldest first. */
export function listClientSecrets(db: Reader, clientId: string): Promise<ClientSecretRow[]> {
  return db.all<ClientSecretRow>(
    'SELECT * FROM client_secrets WHERE client_id = $1 ORDER BY created_at',
    clientId,
  );
}

/** Every secret of the client expires at `expiresAt` at the latest. */
export async function expireClientSecrets(tx: Tx, clientId: string, expiresAt: number): Promise<void> {
  await tx.run(
    'UPDATE client_secrets SET expires_at = $2 WHERE client_id = $1 AND (expires_at IS NULL OR expires_at > $2)',
    clientId,
    expiresAt,
  );
  await raiseRevision(tx);
}
