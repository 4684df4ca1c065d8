/** Clients, resources and origins, remembered for as long as nothing changed. */
import { type BoundedCache, bytesOfJson, createBoundedCache } from '../../lib/bounded-cache.ts';
import type { Database } from '../../storage/database.ts';
import type { Revision } from '../../storage/revision-and-restore-times.ts';
import { isClientOrigin } from '../../storage/tables/client-origins.ts';
import { listClientRange } from '../../storage/tables/clients.ts';
import { findResource } from '../../storage/tables/resources.ts';
import type { Client } from './client.ts';
import { readClient, toClient } from './read-clients.ts';

const REMEMBERED_CLIENTS = 5000;
const REMEMBERED_BYTES = 32 * 1024 * 1024;

/** `https://`, a name and a port. */
const LONGEST_ORIGIN = 267;

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
 * Every answer is as old as the revision that this turn of the event loop read. Only existing clients are cached: a new
 * client changes no cached entry, so the others stay cached however many register.
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
