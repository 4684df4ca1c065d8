/** What hangs on clients that are about to go, a bounded number of rows at a time. */
import type { Parameter, Reader, Tx } from '../database.ts';
import { raiseRevision } from '../revision.ts';
import type { ClientRow } from './clients.ts';

/** One client, not another that has its client_id later. */
export type LeavingClient = Pick<ClientRow, 'client_id' | 'created_at'>;

/** Which clients go: one, whoever enables it meanwhile, or all that registered before a moment and were never used. */
export type Leaving = LeavingClient | { readonly registeredBefore: number };

interface Selection {
  readonly select: string;
  readonly parameters: readonly Parameter[];
}

/** Its parameters come after so many of the statement's own. */
function selectOf(leaving: Leaving, own: number): Selection {
  const [first, second] = [`$${own + 1}`, `$${own + 2}`];
  if ('client_id' in leaving)
    return {
      select: `SELECT client_id FROM clients WHERE client_id = ${first} AND created_at = ${second}`,
      parameters: [leaving.client_id, leaving.created_at],
    };
  return {
    select: `SELECT client_id FROM clients
      WHERE registration_token IS NOT NULL AND used_at IS NULL AND created_at < ${first}`,
    parameters: [leaving.registeredBefore],
  };
}

export async function isAnyLeaving(db: Reader, leaving: Leaving): Promise<boolean> {
  const { select, parameters } = selectOf(leaving, 0);
  return (await db.get(`${select} LIMIT 1`, ...parameters)) !== undefined;
}

/** The next grants of all, by their key, and whether one of a client that goes is among them. */
export async function lookAtGrants(
  db: Reader,
  leaving: Leaving,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<{ last: string | null; found: number }> {
  const { select, parameters } = selectOf(leaving, 2);
  const row = await db.get<{ last: string | null; found: number | null }>(
    `SELECT max(grant_id) AS last, sum(CASE WHEN client_id IN (${select}) THEN 1 ELSE 0 END) AS found
     FROM (SELECT grant_id, client_id FROM grants WHERE grant_id > $1 ORDER BY grant_id LIMIT $2) AS step`,
    after,
    limit,
    ...parameters,
  );
  return { last: row?.last ?? null, found: Number(row?.found ?? 0) };
}

/** Takes theirs of the grants between the two keys. */
export async function deleteGrantsOfLeaving(
  tx: Tx,
  leaving: Leaving,
  { after, last }: { readonly after: string; readonly last: string },
): Promise<void> {
  const { select, parameters } = selectOf(leaving, 2);
  const step = `client_id IN (${select}) AND grant_id > $1 AND grant_id <= $2`;
  await tx.run(`DELETE FROM grants WHERE ${step}`, after, last, ...parameters);
}

/** What hangs on clients beside their grants: each table with its key and the column that names the client. */
const hanging = {
  consents: { key: 'sub, client_id', of: 'client_id' },
  interactions: { key: 'interaction_id', of: 'client_id' },
  session_clients: { key: 'sid, client_id', of: 'client_id' },
  // What they were to be told.
  outbox: { key: 'outbox_key', of: 'destination' },
} as const;
export type HangingTable = keyof typeof hanging;
export const hangingTables = Object.keys(hanging) as readonly HangingTable[];

/** Takes rows of theirs, at most `limit`; gives how many. */
export function deleteHanging(tx: Tx, leaving: Leaving, table: HangingTable, limit: number): Promise<number> {
  const { key, of } = hanging[table];
  const { select, parameters } = selectOf(leaving, 1);
  return tx.run(
    `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${of} IN (${select}) LIMIT $1)`,
    limit,
    ...parameters,
  );
}

/**
 * Takes the client of that time, and whatever of it was made since the key `after` or was not looked at, as somebody
 * enabled it meanwhile: another of its client_id is told of no session that it was not in. False where it is not there.
 */
export async function deleteLeavingClient(
  tx: Tx,
  { client_id, created_at }: LeavingClient,
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
