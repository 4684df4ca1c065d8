/** What tables hold of the metadata of clients, so that one question finds it; a server fills in what is missing. */
import type { Database, Reader, Tx } from '../../storage/database.ts';
import { listWithoutAlgorithms, replaceAlgorithms } from '../../storage/tables/client-algorithms.ts';
import { listWithoutOrigins, replaceOrigins } from '../../storage/tables/client-origins.ts';
import type { ClientRow } from '../../storage/tables/clients.ts';
import { replaceResources } from '../../storage/tables/resources.ts';
import { furtherAlgorithmsOf } from './further-signing-algorithms-of-client.ts';
import type { ClientMetadata } from './metadata-shape.ts';
import { originsOf } from './origins-of-redirect-uris.ts';

/** So many clients are read in one transaction; each has 50 redirect URIs at most. */
const STEP = 100;

interface Derivation {
  list(db: Reader, limit: number): Promise<Pick<ClientRow, 'client_id' | 'metadata'>[]>;
  put(tx: Tx, clients: readonly Described[]): Promise<void>;
}

interface Described {
  readonly client_id: string;
  readonly metadata: Partial<ClientMetadata>;
}

const derivations: readonly Derivation[] = [
  {
    list: listWithoutOrigins,
    put: (tx, clients) =>
      replaceOrigins(
        tx,
        clients.map(({ client_id, metadata }) => ({ client_id, origins: originsOf(metadata) })),
      ),
  },
  {
    list: listWithoutAlgorithms,
    put: (tx, clients) =>
      replaceAlgorithms(
        tx,
        clients.map(({ client_id, metadata }) => ({ client_id, algorithms: furtherAlgorithmsOf(metadata) })),
      ),
  },
];

/** In the transaction that writes the metadata. */
export async function replaceDerived(tx: Tx, client_id: string, metadata: ClientMetadata): Promise<void> {
  await replaceResources(tx, client_id, metadata.resources);
  for (const { put } of derivations) await put(tx, [{ client_id, metadata }]);
}

/** Of clients from before there was such a table, or that a node of before made or changed; gives how many. */
export async function fillDerived(db: Database): Promise<number> {
  let filled = 0;
  for (const derivation of derivations) filled += await fill(db, derivation);
  return filled;
}

async function fill(db: Database, derivation: Derivation): Promise<number> {
  for (let filled = 0; ; ) {
    const some = await fillSome(db, derivation);
    filled += some;
    if (some < STEP) return filled;
  }
}

async function fillSome(db: Database, { list, put }: Derivation): Promise<number> {
  // Mostly there is nothing to do, and no need of the writer.
  if ((await list(db, 1)).length === 0) return 0;
  return db.write(async (tx) => {
    const rows = await list(tx, STEP);
    await put(
      tx,
      rows.map(({ client_id, metadata }) => ({ client_id, metadata: JSON.parse(metadata) })),
    );
    return rows.length;
  });
}
