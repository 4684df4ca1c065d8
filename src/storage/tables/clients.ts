import type { Reader, Tx } from '../database.ts';
import { raiseRevision } from '../revision-and-restore-times.ts';

export interface ClientRow {
  client_id: string;
  profile: string;
  /** RFC 7591 metadata as JSON. */
  metadata: string;
  created_at: number;
  updated_at: number;
  disabled_at: number | null;
  /** SHA-256 of the registration access token; null where an operator made the client. */
  registration_token: string | null;
  /** When it first got a token; only recorded for clients that registered themselves. */
  used_at: number | null;
  /** When it last got a token, with a precision of a day. */
  last_used_at: number | null;
  /** Grants of another epoch are no longer valid, nor are tokens that the client got for itself. */
  epoch: number;
  /** When its deletion began (client-deletion.ts). */
  leaving_at: number | null;
}

/**
 * Raises no revision: no cache remembers that a client is missing. The epoch begins with the time of creation, so that grants
 * left over from a deleted client are not valid for a later one with the same client_id.
 */
export async function insertClient(
  tx: Tx,
  row: Omit<ClientRow, 'last_used_at' | 'epoch' | 'leaving_at'>,
): Promise<void> {
  await tx.run(
    `INSERT INTO clients (client_id, profile, metadata, created_at, updated_at, disabled_at, registration_token,
       used_at, epoch)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    row.client_id,
    row.profile,
    row.metadata,
    row.created_at,
    row.updated_at,
    row.disabled_at,
    row.registration_token,
    row.used_at,
    row.created_at,
  );
}

/** The client_id of the client with this name that an operator made; clients that registered themselves do not count. */
export async function findClientNamed(db: Reader, name: string): Promise<string | undefined> {
  // JSON escapes quotes inside strings, so this matches only the member itself. The result is compared again because
  // LIKE ignores case.
  const member = `"client_name":${JSON.stringify(name)}`;
  const rows = await db.all<Pick<ClientRow, 'client_id' | 'metadata'>>(
    `SELECT client_id, metadata FROM clients WHERE registration_token IS NULL AND metadata LIKE $1 ESCAPE '!'
     ORDER BY created_at LIMIT 100`,
    `%${member.replace(/[!%_]/g, '!$&')}%`,
  );
  return rows.find(({ metadata }) => metadata.includes(member))?.client_id;
}

/** Also finds a client that is disabled or being deleted. */
export function findClient(db: Reader, clientId: string): Promise<ClientRow | undefined> {
  return db.get<ClientRow>('SELECT * FROM clients WHERE client_id = $1', clientId);
}

/** The clients with these ids that are not being deleted, by client_id: one statement, however many. */
export function listClientsNamed(db: Reader, clientIds: readonly string[]): Promise<ClientRow[]> {
  const places = clientIds.map((_id, index) => `$${index + 1}`).join(', ');
  return db.all<ClientRow>(
    `SELECT * FROM clients WHERE client_id IN (${places}) AND leaving_at IS NULL ORDER BY client_id`,
    ...clientIds,
  );
}

/** The first `limit` client_ids of enabled clients that an operator made and whose metadata have `member` true. */
export async function listClientsWith(db: Reader, member: string, limit: number): Promise<string[]> {
  // As in findClientNamed: inside a string of the metadata the quotes would be escaped.
  const rows = await db.all<Pick<ClientRow, 'client_id'>>(
    `SELECT client_id FROM clients WHERE registration_token IS NULL AND disabled_at IS NULL
     AND metadata LIKE $1 ESCAPE '!' ORDER BY client_id LIMIT $2`,
    `%"${member.replaceAll('_', '!_')}":true%`,
    limit,
  );
  return rows.map(({ client_id }) => client_id);
}

/** Clients that are not being deleted, the oldest first: `limit` of them, after the client `after`. */
export function listClientRange(
  db: Reader,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): Promise<ClientRow[]> {
  const order = 'ORDER BY created_at, client_id LIMIT $1';
  const stays = 'SELECT * FROM clients WHERE leaving_at IS NULL';
  if (after === undefined) return db.all<ClientRow>(`${stays} ${order}`, limit);
  return db.all<ClientRow>(
    `${stays} AND (created_at, client_id) >
       (SELECT created_at, client_id FROM clients WHERE client_id = $2) ${order}`,
    limit,
    after,
  );
}

/** How many clients registered themselves. */
export async function countRegisteredClients(db: Reader): Promise<number> {
  const row = await db.get<{ n: number }>(
    'SELECT count(*) AS n FROM clients WHERE registration_token IS NOT NULL AND leaving_at IS NULL',
  );
  return Number(row?.n);
}

/** Records the use if the last recorded one was before `knownBefore`, or there was none. */
export async function markClientUsed(
  tx: Tx,
  clientId: string,
  usedAt: number,
  knownBefore: number,
): Promise<void> {
  const changed = await tx.run(
    `UPDATE clients SET used_at = COALESCE(used_at, $2), last_used_at = $2
     WHERE client_id = $1 AND (used_at IS NULL OR last_used_at IS NULL OR last_used_at < $3)`,
    clientId,
    usedAt,
    knownBefore,
  );
  if (changed > 0) await raiseRevision(tx);
}

/** Replaces profile and metadata; updated_at always increases, whatever the clock. False if there is no such client. */
export async function updateClient(
  tx: Tx,
  row: Pick<ClientRow, 'client_id' | 'profile' | 'metadata' | 'updated_at'>,
): Promise<boolean> {
  const changed = await tx.run(
    `UPDATE clients SET profile = $2, metadata = $3,
       updated_at = CASE WHEN updated_at < $4 THEN $4 ELSE updated_at + 1 END
     WHERE client_id = $1`,
    row.client_id,
    row.profile,
    row.metadata,
    row.updated_at,
  );
  await raiseRevision(tx);
  return changed === 1;
}

/**
 * `disabledAt` null enables the client; what disabling ended stays ended. False if there is no such client. A client that is
 * being deleted does not count: enabling it would last only until the deletion is complete.
 */
export async function setClientDisabled(
  tx: Tx,
  clientId: string,
  disabledAt: number | null,
): Promise<boolean> {
  const changed = await tx.run(
    'UPDATE clients SET disabled_at = $2, epoch = epoch + $3 WHERE client_id = $1 AND leaving_at IS NULL',
    clientId,
    disabledAt,
    disabledAt === null ? 0 : 1,
  );
  await raiseRevision(tx);
  return changed === 1;
}
