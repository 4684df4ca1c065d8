/** Deletes a client and the rows that reference it: all of it is invalid at once, and then deleted in pieces. */
import type { Database, Tx } from '../../storage/database.ts';
import { deleteInPieces } from '../../storage/delete-in-pieces.ts';
import { deleteRowsOfClient, tablesOfClients } from '../../storage/delete-rows-of-user-or-client.ts';
import {
  deleteLeavingClient,
  type LeavingClient,
  listLeaving,
  startLeaving,
} from '../../storage/tables/client-deletion.ts';
import { type ClientRow, findClient } from '../../storage/tables/clients.ts';
import type { RegistryContext } from './context.ts';

/** So many are finished before the list is read again. */
export const AT_ONCE = 100;

export type Parts = Pick<RegistryContext, 'db' | 'clock' | 'audit'>;

/** Its secrets and consents are deleted with it; false where it did not exist. */
export async function deleteClient(parts: Parts, client_id: string): Promise<boolean> {
  const client = await beginDeletion(parts, client_id);
  if (client) await completeDeletion(parts.db, client);
  return client !== undefined;
}

/**
 * From now on nothing of it is good; {@link finishDeletions} does the rest. undefined where it was not there, or is not
 * the one that is meant.
 */
export function beginDeletion(
  { db, clock, audit }: Parts,
  client_id: string,
  isMeant: (row: ClientRow) => boolean = () => true,
): Promise<LeavingClient | undefined> {
  return db.write(async (tx: Tx) => {
    const row = await findClient(tx, client_id);
    if (!row || !isMeant(row)) return undefined;
    if (row.leaving_at !== null) return row;
    await startLeaving(tx, client_id, clock.nowMs());
    audit.record(tx, { type: 'client.deleted', client_id });
    return row;
  });
}

/** Completes every deletion that began, also those that a process left when it ended. */
export async function finishDeletions(db: Database): Promise<void> {
  for (;;) {
    const leaving = await listLeaving(db, AT_ONCE);
    for (const client of leaving) await completeDeletion(db, client);
    if (leaving.length < AT_ONCE) return;
  }
}

/** Its grants are deleted by the clean-up: without their client they are not valid (storage/restore-and-cleanup-rules/grants.ts). */
async function completeDeletion(db: Database, client: LeavingClient): Promise<void> {
  for (const table of tablesOfClients) {
    await deleteInPieces(db, (tx, limit) => deleteRowsOfClient(tx, client, table, limit));
  }
  await db.write((tx) => deleteLeavingClient(tx, client));
}
