/** Deletes a client and the rows that reference it: all of it is invalid at once, and then deleted in pieces. */
import type { Settings } from '../../config/settings-schema.ts';
import type { Database, Tx } from '../../storage/database.ts';
import { deleteInPieces } from '../../storage/delete-in-pieces.ts';
import { deleteRowsOfClient, tablesOfClients } from '../../storage/delete-rows-of-user-or-client.ts';
import {
  type DisuseLimits,
  deleteLeavingClient,
  type LeavingClient,
  listLeaving,
  setUnknownLastUse,
  startLeaving,
  startLeavingUnused,
} from '../../storage/tables/client-deletion.ts';
import { type ClientRow, findClient } from '../../storage/tables/clients.ts';
import type { RegistryContext } from './context.ts';

const DAY_MS = 86_400_000;
/** So many are finished before the list is read again. */
const AT_ONCE = 100;

type Parts = Pick<RegistryContext, 'db' | 'clock' | 'audit'>;

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

/** Clients that registered themselves and were not used for so long; gives how many are deleted. */
export async function forgetUnusedClients(
  { db, clock, audit }: Parts,
  disuse: DisuseLimits,
): Promise<number> {
  await db.write((tx) => setUnknownLastUse(tx, clock.nowMs()));
  let gone = 0;
  for (let after: string | undefined = ''; after !== undefined; ) {
    const from: string = after;
    const clientIds = await db.write(async (tx) => {
      const step = { nowMs: clock.nowMs(), after: from, limit: AT_ONCE };
      const leaving = await startLeavingUnused(tx, disuse, step);
      for (const client_id of leaving)
        audit.record(tx, { type: 'client.deleted', reason: 'unused', client_id });
      return leaving;
    });
    gone += clientIds.length;
    after = clientIds.at(-1);
  }
  return gone;
}

/** As the settings say; a client that may still have a refresh token stays. */
export function disuseAt(settings: Settings, nowMs: number): DisuseLimits {
  const refreshSeconds = Math.min(
    settings.refresh_token_idle_seconds,
    settings.refresh_token_absolute_seconds,
  );
  const idleMs = Math.max(settings.registration_idle_days * DAY_MS, refreshSeconds * 1000);
  return {
    registeredBefore: nowMs - settings.registration_unused_days * DAY_MS,
    // The last use is known to the day.
    usedBefore: nowMs - idleMs - DAY_MS,
  };
}

/** Deletes unused clients, and completes deletions that had begun. */
export async function removeClients(parts: Parts & { readonly settings: Settings }): Promise<void> {
  await forgetUnusedClients(parts, disuseAt(parts.settings, parts.clock.nowMs()));
  await finishDeletions(parts.db);
}

/** Completes every deletion that began, also those that a process left when it ended. */
export async function finishDeletions(db: Database): Promise<void> {
  for (;;) {
    const leaving = await listLeaving(db, AT_ONCE);
    for (const client of leaving) await completeDeletion(db, client);
    if (leaving.length < AT_ONCE) return;
  }
}

/** Its grants are deleted by the clean-up: without their client they are not valid (storage/life-cycles/grants.ts). */
async function completeDeletion(db: Database, client: LeavingClient): Promise<void> {
  for (const table of tablesOfClients) {
    await deleteInPieces(db, (tx, limit) => deleteRowsOfClient(tx, client, table, limit));
  }
  await db.write((tx) => deleteLeavingClient(tx, client));
}
