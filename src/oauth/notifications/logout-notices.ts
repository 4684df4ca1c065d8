/** Who hears that a session ended: every client that got tokens in it. OpenID Connect Back-Channel Logout 1.0 §2.5 */
import { newLabel } from '../../lib/ids.ts';
import type { Clock, Random } from '../../lib/runtime.ts';
import type { Reader, Tx } from '../../storage/database.ts';
import { listClientsOfSession } from '../../storage/tables/grants.ts';
import { insertOutbox } from '../../storage/tables/outbox.ts';
import { type Client, readClient } from '../clients/client.ts';

/** What a row of the outbox holds of a logout. */
export interface LogoutNotice {
  readonly client_id: string;
  readonly sub: string;
  readonly sid: string;
}

/** The clients that took part in a session, as they stand in the database. */
export async function clientsOfSession(db: Reader, sub: string, sid: string): Promise<Client[]> {
  const found: Client[] = [];
  for (const client_id of await listClientsOfSession(db, sub, sid)) {
    const client = await readClient(db, client_id);
    if (client && !client.disabled) found.push(client);
  }
  return found;
}

/** In the transaction that ends the sessions: whoever must be told is told, though the server stop the moment after. */
export async function noticeLogout(
  context: { readonly clock: Clock; readonly random: Random },
  tx: Tx,
  sub: string,
  sids: readonly string[],
): Promise<void> {
  for (const sid of sids) {
    for (const { client_id, metadata } of await clientsOfSession(tx, sub, sid)) {
      if (metadata.backchannel_logout_uri === undefined) continue;
      const notice: LogoutNotice = { client_id, sub, sid };
      await insertOutbox(tx, {
        outbox_key: newLabel(context.clock, context.random),
        kind: 'back_channel_logout',
        destination: client_id,
        person: sub,
        payload: JSON.stringify(notice),
        next_at: context.clock.nowMs(),
      });
    }
  }
}
