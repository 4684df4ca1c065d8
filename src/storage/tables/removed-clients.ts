/** What hangs on clients that are about to go, a bounded number of rows at a time. */
import type { Reader, Tx } from '../database.ts';
import { raiseRevision } from '../revision.ts';
import type { ClientRow } from './clients.ts';

const LEAVING = 'SELECT client_id FROM clients WHERE disabled_at IS NOT NULL AND client_id = $1';
/** Registered themselves before $1, and never got a token. */
const UNUSED = `SELECT client_id FROM clients
  WHERE registration_token IS NOT NULL AND used_at IS NULL AND created_at < $1`;

/** Which clients go: one that is disabled, or all that registered before a moment and were never used. */
export type Leaving = { readonly client_id: string } | { readonly registeredBefore: number };

function selectOf(leaving: Leaving): { readonly select: string; readonly parameter: string | number } {
  return 'client_id' in leaving
    ? { select: LEAVING, parameter: leaving.client_id }
    : { select: UNUSED, parameter: leaving.registeredBefore };
}

export async function isAnyLeaving(db: Reader, leaving: Leaving): Promise<boolean> {
  const { select, parameter } = selectOf(leaving);
  return (await db.get(`${select} LIMIT 1`, parameter)) !== undefined;
}

/** The next grants of all, by their key, and whether one of a client that goes is among them. */
export async function lookAtGrants(
  db: Reader,
  leaving: Leaving,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<{ last: string | null; found: number }> {
  const { select, parameter } = selectOf(leaving);
  const row = await db.get<{ last: string | null; found: number | null }>(
    `SELECT max(grant_id) AS last, sum(CASE WHEN client_id IN (${select}) THEN 1 ELSE 0 END) AS found
     FROM (SELECT grant_id, client_id FROM grants WHERE grant_id > $2 ORDER BY grant_id LIMIT $3) AS step`,
    parameter,
    after,
    limit,
  );
  return { last: row?.last ?? null, found: Number(row?.found ?? 0) };
}

/** Takes theirs of the grants between the two keys. */
export async function deleteGrantsOfLeaving(
  tx: Tx,
  leaving: Leaving,
  { after, last }: { readonly after: string; readonly last: string },
): Promise<void> {
  const { select, parameter } = selectOf(leaving);
  const step = `client_id IN (${select}) AND grant_id > $2 AND grant_id <= $3`;
  await tx.run(`DELETE FROM grants WHERE ${step}`, parameter, after, last);
}

/** Takes in which sessions they took part, at most `limit`; gives how many. */
export function deletePartsOfLeaving(tx: Tx, leaving: Leaving, limit: number): Promise<number> {
  const { select, parameter } = selectOf(leaving);
  return tx.run(
    `DELETE FROM session_clients WHERE (sid, client_id) IN
       (SELECT sid, client_id FROM session_clients WHERE client_id IN (${select}) LIMIT $2)`,
    parameter,
    limit,
  );
}

/** Takes what they were to be told, at most `limit`; gives how many. */
export function deleteNoticesOfLeaving(tx: Tx, leaving: Leaving, limit: number): Promise<number> {
  const { select, parameter } = selectOf(leaving);
  return tx.run(
    `DELETE FROM outbox WHERE outbox_key IN
       (SELECT outbox_key FROM outbox WHERE destination IN (${select}) LIMIT $2)`,
    parameter,
    limit,
  );
}

/**
 * Takes the client of that time, and whatever of it was made since the key `after` or was not looked at, as somebody
 * enabled it meanwhile: another of its client_id is told of no session that it was not in. False where it is not there.
 */
export async function deleteLeavingClient(
  tx: Tx,
  { client_id, created_at }: Pick<ClientRow, 'client_id' | 'created_at'>,
  after: string,
): Promise<boolean> {
  if (
    (await tx.run('DELETE FROM clients WHERE client_id = $1 AND created_at = $2', client_id, created_at)) ===
    0
  )
    return false;
  await tx.run('DELETE FROM session_clients WHERE client_id = $1', client_id);
  await tx.run('DELETE FROM outbox WHERE destination = $1', client_id);
  await tx.run('DELETE FROM grants WHERE client_id = $1 AND grant_id > $2', client_id, after);
  await raiseRevision(tx);
  return true;
}

/** Takes consents, at most `limit`; gives how many. */
export function deleteConsentsOfLeaving(tx: Tx, leaving: Leaving, limit: number): Promise<number> {
  const { select, parameter } = selectOf(leaving);
  return tx.run(
    `DELETE FROM consents WHERE (sub, client_id) IN
       (SELECT sub, client_id FROM consents WHERE client_id IN (${select}) LIMIT $2)`,
    parameter,
    limit,
  );
}

/** Takes interactions, at most `limit`; gives how many. */
export function deleteInteractionsOfLeaving(tx: Tx, leaving: Leaving, limit: number): Promise<number> {
  const { select, parameter } = selectOf(leaving);
  return tx.run(
    `DELETE FROM interactions WHERE interaction_id IN
       (SELECT interaction_id FROM interactions WHERE client_id IN (${select}) LIMIT $2)`,
    parameter,
    limit,
  );
}
