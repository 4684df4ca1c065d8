/** The clients that took part in sessions, as they stand in the database. */
import { nextTurn } from '../../lib/next-turn.ts';
import type { Reader } from '../../storage/database.ts';
import { listClientsOfSession, listClientsOfUser } from '../../storage/tables/session-clients.ts';
import { type Client, readClients } from '../clients/client.ts';

/** Read or written by one statement, before others get their turn. */
const STEP = 100;
/** Somebody who reads a page reads no more. */
const MOST = 1000;

export type Participant = Pick<Client, 'client_id' | 'metadata' | 'disabled'>;

/** The enabled clients that got a grant in the session and were not told of its end yet. */
export async function clientsOfSession(db: Reader, sid: string): Promise<Participant[]> {
  return enabledClients(db, await listClientsOfSession(db, sid));
}

/** Of any session of the person that did not end. */
export async function clientsOfUser(db: Reader, sub: string): Promise<Participant[]> {
  return enabledClients(db, await listClientsOfUser(db, { sub, limit: MOST }));
}

async function enabledClients(db: Reader, clientIds: readonly string[]): Promise<Participant[]> {
  return (await participants(db, clientIds)).filter(({ disabled }) => !disabled);
}

/** Also who is disabled now: a session that ends meanwhile has ended there too. */
export async function participants(db: Reader, clientIds: readonly string[]): Promise<Participant[]> {
  const found: Participant[] = [];
  await inSteps(clientIds, async (step) => {
    found.push(...(await readClients(db, step)));
  });
  return found;
}

/** Calls `act` with 100 items at a time, in order, and lets other work run between two calls. */
export async function inSteps<One>(
  all: readonly One[],
  act: (step: readonly One[]) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < all.length; start += STEP) {
    if (start > 0) await nextTurn();
    await act(all.slice(start, start + STEP));
  }
}
