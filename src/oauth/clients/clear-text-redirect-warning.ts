/** Clients whose answers may travel in clear text: the operator is warned wherever they are listed. */
import type { Logger } from '../../lib/log.ts';
import type { Reader } from '../../storage/database.ts';
import { listClientsWith } from '../../storage/tables/clients.ts';
import type { Client } from './client.ts';

const MOST_NAMED = 20;

/** The first of them. */
export function listClearTextClients(db: Reader): Promise<string[]> {
  return listClientsWith(db, 'insecure_redirect_uris', MOST_NAMED);
}

/** A sentence for the operator that names all of `clientIds`. {@link CLEAR_TEXT_REMEDY} says what to do. */
export function describeClearText(clientIds: readonly string[]): string {
  return `insecure_redirect_uris: whoever is on the way to the app reads the codes of ${clientIds.join(', ')}`;
}

export const CLEAR_TEXT_REMEDY =
  'give the app https, then: gatehouse client update ID --metadata FILE with ' +
  '{"redirect_uris": ["https://…"], "insecure_redirect_uris": null}';

/** undefined where none of them is such a client. */
export function warnOfClearText(clients: readonly Client[]): string | undefined {
  const found = clients.filter(({ metadata }) => metadata.insecure_redirect_uris);
  return found.length === 0
    ? undefined
    : `${describeClearText(found.map(({ client_id }) => client_id))}; ${CLEAR_TEXT_REMEDY}`;
}

/** One line when a server starts. */
export async function logClearText({
  db,
  log,
}: {
  readonly db: Reader;
  readonly log: Logger;
}): Promise<void> {
  const clients = await listClearTextClients(db);
  if (clients.length > 0) log.warn({ clients, remedy: CLEAR_TEXT_REMEDY }, describeClearText(clients));
}
