/** A client as the rules see it, remembered for as long as nothing changed. */
import type { ProfileName } from '../../config/client-profiles.ts';
import { type BoundedCache, bytesOfJson, createBoundedCache } from '../../lib/bounded-cache.ts';
import { sha256 } from '../../lib/hash.ts';
import type { Database, Reader } from '../../storage/database.ts';
import type { Revision } from '../../storage/installation-state.ts';
import { isClientOrigin } from '../../storage/tables/client-origins.ts';
import {
  type ClientRow,
  findClient,
  listClientRange,
  listClientSecrets,
  listClientsNamed,
} from '../../storage/tables/clients.ts';
import { findResource } from '../../storage/tables/resources.ts';
import { type ClientSecrets, createClientSecrets } from './client-secrets.ts';
import type { ClientMetadata } from './metadata-shape.ts';

const REMEMBERED_CLIENTS = 5000;
const REMEMBERED_BYTES = 32 * 1024 * 1024;
/** `https://`, a name and a port. */
const LONGEST_ORIGIN = 267;

export interface Client {
  readonly client_id: string;
  readonly profile: ProfileName;
  readonly metadata: ClientMetadata;
  /** The metadata as they are stored. */
  readonly metadataText: string;
  /** SHA-256 of all that can be registered: whoever began with another one began with another client. */
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

export interface Clients {
  find(client_id: string): Promise<Client | undefined>;
  /** The oldest first: `limit` of them, after the client `after`. */
  list(range: { readonly after: string | undefined; readonly limit: number }): Promise<readonly Client[]>;
  /** Whose resource indicator this is. RFC 8707 */
  resource(uri: string): Promise<{ resource: string; client_id: string } | undefined>;
  /** Whether it is the origin of a redirect URI of an enabled client, for CORS. */
  isOrigin(origin: string): Promise<boolean>;
}

/**
 * Every answer is as old as the revision that this turn of the event loop read. Only what there is is remembered: a
 * client that is new changes nothing that anybody knows, so however many register, the others stay known.
 */
export function createClients(db: Database, gatehouse: Revision): Clients {
  const bounds = { entries: REMEMBERED_CLIENTS, bytes: REMEMBERED_BYTES };
  const found = createBoundedCache<Client>({ ...bounds, bytesOf: bytesOfJson });
  const owners = createBoundedCache<{ resource: string; client_id: string }>({
    ...bounds,
    bytesOf: bytesOfJson,
  });
  const origins = createBoundedCache<true>({ ...bounds, bytesOf: () => 1 });
  let revision = -1;

  async function refresh(): Promise<void> {
    const current = await gatehouse.current();
    if (current.revision === revision) return;
    revision = current.revision;
    found.clear();
    owners.clear();
    origins.clear();
  }

  async function knownOr<Value extends object | true>(
    cache: BoundedCache<Value>,
    key: string,
    read: (asOf: number) => Promise<Value | undefined>,
  ): Promise<Value | undefined> {
    await refresh();
    const known = cache.get(key);
    if (known !== undefined) return known;
    const asOf = revision;
    const value = await read(asOf);
    // Where something changed meanwhile, this may be from before.
    if (value !== undefined && asOf === revision) cache.set(key, value);
    return value;
  }

  return {
    find: (client_id) =>
      knownOr(found, client_id, async (asOf) => {
        const client = await readClient(db, client_id);
        return client && { ...client, asOf };
      }),
    async list(range) {
      const rows = await listClientRange(db, range);
      return Promise.all(rows.map((row) => toClient(db, row)));
    },
    resource: (uri) => knownOr(owners, uri, () => findResource(db, uri)),
    async isOrigin(origin) {
      if (origin.length > LONGEST_ORIGIN) return false;
      const read = async () => (await isClientOrigin(db, origin)) || undefined;
      return (await knownOr(origins, origin, read)) ?? false;
    },
  };
}

/** The client as it stands in the database now, past every cache; undefined for one that is being deleted, too. */
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

async function toClient(db: Reader, row: ClientRow): Promise<Client> {
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
