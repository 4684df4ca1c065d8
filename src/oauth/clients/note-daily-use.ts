/** Notes once a day that a client which registered itself is used. */

import type { IdentityContext } from '../../identity/context.ts';
import { DAY_MS } from '../../lib/durations.ts';
import type { Tx } from '../../storage/database.ts';
import { markClientUsed } from '../../storage/tables/clients.ts';
import type { Client } from './client.ts';
import { isSelfRegistered } from './is-self-registered.ts';

/** A client that registered itself stays while it is used; one row a day says so. Whether that of today is still to be written. */
export function isUseToNote({ clock }: Pick<IdentityContext, 'clock'>, client: Client): boolean {
  return isSelfRegistered(client) && (client.lastUsedMs ?? 0) <= clock.nowMs() - DAY_MS;
}

/** Writes it, unless another request did meanwhile. */
export async function noteUse(
  { clock }: Pick<IdentityContext, 'clock'>,
  tx: Tx,
  { client_id }: Pick<Client, 'client_id'>,
): Promise<void> {
  const nowMs = clock.nowMs();
  await markClientUsed(tx, client_id, nowMs, nowMs - DAY_MS);
}
