/** The clients that took part in sessions, as they stand in the database. */
import { actInSteps } from '../../lib/act-on-list-in-batches.ts';
import type { Reader } from '../../storage/database.ts';
import { listClientsOfSession, listClientsOfUser } from '../../storage/tables/session-clients.ts';
import type { Client } from '../clients/client.ts';
import { readClients } from '../clients/read-clients.ts';

/** Somebody who reads a page reads no more. */
const MOST = 1000;

export type Participant = Pick<Client, 'client_id' | 'metadata' | 'disabled'>;

/** The enabled clients that got a grant in the session and were not notified of its end yet. */
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
  await actInSteps(clientIds, async (step) => {
    found.push(...(await readClients(db, step)));
  });
  return found;
}
