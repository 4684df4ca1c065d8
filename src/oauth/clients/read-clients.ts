/** Reads clients from the database. */
import type { ProfileName } from '../../config/client-protocol-profiles.ts';
import { sha256 } from '../../lib/sha256-and-hmac.ts';
import type { Reader } from '../../storage/database.ts';
import { listClientSecrets } from '../../storage/tables/client-secrets.ts';
import { type ClientRow, findClient, listClientsNamed } from '../../storage/tables/clients.ts';
import type { Client } from './client.ts';
import { createClientSecrets } from './live-secret-hashes.ts';
import type { ClientMetadata } from './metadata-shape.ts';

/** The client as the database has it now, read past every cache; undefined for one that is being deleted, too. */
export async function readClient(db: Reader, client_id: string): Promise<Client | undefined> {
  const row = await findClient(db, client_id);
  return row?.leaving_at === null ? toClient(db, row) : undefined;
}

/** Those that are named, without what they authenticate with: one statement for all. */
export async function readClients(
  db: Reader,
  clientIds: readonly string[],
): Promise<Pick<Client, 'client_id' | 'metadata' | 'disabled'>[]> {
  const rows = await listClientsNamed(db, clientIds);
  return rows.map(({ client_id, metadata, disabled_at }) => ({
    client_id,
    metadata: JSON.parse(metadata),
    disabled: disabled_at !== null,
  }));
}

/** The client of a row, with what it authenticates with. */
export async function toClient(db: Reader, row: ClientRow): Promise<Client> {
  const secrets = await listClientSecrets(db, row.client_id);
  const metadata: ClientMetadata = JSON.parse(row.metadata);
  return {
    client_id: row.client_id,
    profile: row.profile as ProfileName,
    metadata,
    metadataText: row.metadata,
    metadataHash: sha256(`${row.profile} ${row.metadata}`),
    confidential: metadata.token_endpoint_auth_method !== 'none',
    disabled: row.disabled_at !== null,
    registrationTokenHash: row.registration_token ?? undefined,
    // A restore notes a use that may never have been.
    lastUsedMs: row.used_at === null ? undefined : (row.last_used_at ?? undefined),
    secrets: createClientSecrets(secrets),
    createdAtMs: row.created_at,
    epoch: row.epoch,
  };
}
