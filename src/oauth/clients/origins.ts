/** Whose pages may read answers of ours in a browser: those of redirect URIs. draft-ietf-oauth-v2-1 §3.1 */
import type { Database } from '../../storage/database.ts';
import { listWithoutOrigins, replaceOrigins } from '../../storage/tables/client-origins.ts';
import type { ClientMetadata } from './metadata-shape.ts';

/** So many clients are read in one transaction; each has 50 redirect URIs at most. */
const STEP = 100;

export function originsOf({ redirect_uris = [] }: Partial<ClientMetadata>): readonly string[] {
  const pages = redirect_uris.filter((uri) => /^https?:/.test(uri) && URL.canParse(uri));
  return [...new Set(pages.map((uri) => new URL(uri).origin))];
}

/** Of clients from before there was such a table, or that a node of before made or changed; gives how many. */
export async function fillOrigins(db: Database): Promise<number> {
  for (let filled = 0; ; ) {
    const some = await fillSome(db);
    filled += some;
    if (some < STEP) return filled;
  }
}

async function fillSome(db: Database): Promise<number> {
  // Mostly there is nothing to do, and no need of the writer.
  if ((await listWithoutOrigins(db, 1)).length === 0) return 0;
  return db.write(async (tx) => {
    const rows = await listWithoutOrigins(tx, STEP);
    await replaceOrigins(
      tx,
      rows.map(({ client_id, metadata }) => ({ client_id, origins: originsOf(JSON.parse(metadata)) })),
    );
    return rows.length;
  });
}
