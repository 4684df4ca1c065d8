/** Keeps clients that registered themselves, which the operator never checked, apart from the operator's own. RFC 7591 §5 */
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
