/** Keeps clients that registered themselves, which the operator never checked, apart from the operator's own. RFC 7591 §5 */
import type { IdentityContext } from '../../identity/context.ts';
import type { Tx } from '../../storage/database.ts';
import { markClientUsed } from '../../storage/tables/clients.ts';
import type { Client } from './client.ts';

type Registered = Pick<Client, 'registrationTokenHash'>;

/** Whether the client registered itself: only then it has a registration access token. RFC 7592 §3 */
export function isSelfRegistered({ registrationTokenHash }: Registered): boolean {
  return registrationTokenHash !== undefined;
}

/** Makes two of them: self-registered clients fill only their own, and the entries of the operator's clients stay. */
export function apartFromSelfRegistered<Thing>(make: () => Thing): (client: Registered) => Thing {
  const [operators, selfRegistered] = [make(), make()];
  return (client) => (isSelfRegistered(client) ? selfRegistered : operators);
}

const DAY_MS = 86_400_000;

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
