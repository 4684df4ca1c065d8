import type { Reader, Tx } from '../database.ts';
import { raiseRevision } from '../revision.ts';

export interface ClientRow {
  client_id: string;
  profile: string;
  /** RFC 7591 metadata as JSON. */
  metadata: string;
  created_at: number;
  updated_at: number;
  disabled_at: number | null;
}

export interface ClientSecretRow {
  client_id: string;
  secret_hash: string;
  created_at: number;
  expires_at: number | null;
}

export async function insertClient(tx: Tx, row: ClientRow): Promise<void> {
  await tx.run(
    `INSERT INTO clients (client_id, profile, metadata, created_at, updated_at, disabled_at)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    row.client_id,
    row.profile,
    row.metadata,
    row.created_at,
    row.updated_at,
    row.disabled_at,
  );
  await raiseRevision(tx);
}

export function findClient(db: Reader, clientId: string): Promise<ClientRow | undefined> {
  return db.get<ClientRow>('SELECT * FROM clients WHERE client_id = $1', clientId);
}

export function listClients(db: Reader): Promise<ClientRow[]> {
  return db.all<ClientRow>('SELECT * FROM clients ORDER BY created_at, client_id');
}

/** Replaces profile and metadata; false where there is no such client. */
export async function updateClient(
  tx: Tx,
  row: Pick<ClientRow, 'client_id' | 'profile' | 'metadata' | 'updated_at'>,
): Promise<boolean> {
  const changed = await tx.run(
    'UPDATE clients SET profile = $2, metadata = $3, updated_at = $4 WHERE client_id = $1',
    row.client_id,
    row.profile,
    row.metadata,
    row.updated_at,
  );
  await raiseRevision(tx);
  return changed === 1;
}

/** `disabledAt` null enables. */
export async function setClientDisabled(
  tx: Tx,
  clientId: string,
  disabledAt: number | null,
): Promise<boolean> {
  const changed = await tx.run(
    'UPDATE clients SET disabled_at = $2 WHERE client_id = $1',
    clientId,
    disabledAt,
  );
  await raiseRevision(tx);
  return changed === 1;
}

export async function deleteClient(tx: Tx, clientId: string): Promise<boolean> {
  const changed = await tx.run('DELETE FROM clients WHERE client_id = $1', clientId);
  await raiseRevision(tx);
  return changed === 1;
}

export async function insertClientSecret(tx: Tx, row: ClientSecretRow): Promise<void> {
  await tx.run(
    'INSERT INTO client_secrets (client_id, secret_hash, created_at, expires_at) VALUES ($1, $2, $3, $4)',
    row.client_id,
    row.secret_hash,
    row.created_at,
    row.expires_at,
  );
  await raiseRevision(tx);
}

export function listClientSecrets(db: Reader, clientId: string): Promise<ClientSecretRow[]> {
  return db.all<ClientSecretRow>(
    'SELECT * FROM client_secrets WHERE client_id = $1 ORDER BY created_at',
    clientId,
  );
}

/** Every secret of the client that lives longer ends at `expiresAt`. */
export async function expireClientSecrets(tx: Tx, clientId: string, expiresAt: number): Promise<void> {
  await tx.run(
    'UPDATE client_secrets SET expires_at = $2 WHERE client_id = $1 AND (expires_at IS NULL OR expires_at > $2)',
    clientId,
    expiresAt,
  );
  await raiseRevision(tx);
}
