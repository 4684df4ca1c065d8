/** A client goes with all that hangs on it: at once nothing of it is good any more, then it is taken in pieces. */
import { timePrefix } from '../../lib/ids.ts';
import { nextTurn } from '../../lib/next-turn.ts';
import type { Database } from '../../storage/database.ts';
import { inPieces } from '../../storage/in-pieces.ts';
import {
  type ClientRow,
  deleteUnusedClients,
  findClient,
  setClientDisabled,
} from '../../storage/tables/clients.ts';
import {
  deleteGrantsOfLeaving,
  deleteHanging,
  deleteLeavingClient,
  hangingTables,
  isAnyLeaving,
  type Leaving,
  lookAtGrants,
} from '../../storage/tables/removed-clients.ts';
import type { RegistryContext } from './registry.ts';

/** Grants are looked at in steps of a few milliseconds. */
const STEP = 1000;
/** Between the clocks of two nodes. */
const SKEW_MS = 5000;

/** Its secrets, grants and consents go with it; false where it was not there, or is not the one that is meant. */
export async function deleteClient(
  { db, clock, audit }: Pick<RegistryContext, 'db' | 'clock' | 'audit'>,
  client_id: string,
  isMeant: (row: ClientRow) => boolean = () => true,
): Promise<boolean> {
  const client = await db.write(async (tx) => {
    const row = await findClient(tx, client_id);
    if (!row || !isMeant(row)) return undefined;
    await setClientDisabled(tx, client_id, clock.nowMs());
    audit.record(tx, { type: 'client.deleted', client_id });
    return row;
  });
  if (!client) return false;
  const begun = timePrefix(clock.nowMs() - SKEW_MS);
  await empty(db, client);
  await db.write((tx) => deleteLeavingClient(tx, client, begun));
  return true;
}

/** Clients that registered themselves before `registeredBefore` and never got a token; gives how many went. */
export async function forgetUnusedClients(db: Database, registeredBefore: number): Promise<number> {
  const leaving = { registeredBefore };
  if (!(await isAnyLeaving(db, leaving))) return 0;
  await empty(db, leaving);
  return db.write((tx) => deleteUnusedClients(tx, registeredBefore));
}

async function empty(db: Database, leaving: Leaving): Promise<void> {
  await takeGrants(db, leaving);
  for (const table of hangingTables) {
    await inPieces(db, (tx, limit) => deleteHanging(tx, leaving, table, limit));
  }
}

/** Past all grants there are: an index by client would cost every authorization more than this ever takes. */
async function takeGrants(db: Database, leaving: Leaving): Promise<void> {
  for (let after = ''; ; ) {
    const { last, found } = await lookAtGrants(db, leaving, { after, limit: STEP });
    if (last === null) return;
    const step = { after, last };
    if (found > 0) await db.write((tx) => deleteGrantsOfLeaving(tx, leaving, step));
    after = last;
    await nextTurn();
  }
}
