/** A client as the rules read it, and as the database stores it. */
import type { ProfileName } from '../../config/client-protocol-profiles.ts';
import { sha256 } from '../../lib/sha256-and-hmac.ts';
import type { Reader } from '../../storage/database.ts';
import { listClientSecrets } from '../../storage/tables/client-secrets.ts';
import { type ClientRow, findClient, listClientsNamed } from '../../storage/tables/clients.ts';
import { type ClientSecrets, createClientSecrets } from './live-secret-hashes.ts';
import type { ClientMetadata } from './metadata-shape.ts';

export interface Client {
  readonly client_id: string;
  readonly profile: ProfileName;
  readonly metadata: ClientMetadata;
  /** The metadata as they are stored. */
  readonly metadataText: string;
  /** SHA-256 of all that can be registered: a request that began with another hash began with another client. */
  readonly metadataHash: string;
  /** RFC 6749 §2.1 */
  readonly confidential: boolean;
  readonly disabled: boolean;
  /** SHA-256 of its registration access token, where it registered itself (RFC 7591). */
  readonly registrationTokenHash: string | undefined;
  /** When it last got a token, to the day; only known where it registered itself. */
  readonly lastUsedMs: number | undefined;
  readonly secrets: ClientSecrets;
  readonly createdAtMs: number;
  /** Raised when it is disabled: what it was granted before is over. */
  readonly epoch: number;
  /** At this revision it was so; undefined where it was not asked. */
  readonly asOf?: number;
}

/** The client as the database has it now, read past every cache; undefined for one that is being deleted, too. */
export async function readClient(db: Reader, client_id: string): Promise<Client | undefined> {
  const row = await findClient(db, client_id);
  return row?.leaving_at === null ? toClient(db, row) : undefined;
}

/** Whether nothing that an operator or the client itself can change differs. */
export function isSameClient(one: Client, other: Client): boolean {
  return comparable(one) === comparable(other);
}

function comparable({ metadataHash, disabled, secrets, createdAtMs, epoch }: Client): string {
  return JSON.stringify([metadataHash, disabled, secrets, createdAtMs, epoch]);
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
