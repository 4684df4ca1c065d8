/** Whether a client registered itself: the operator never checked it. RFC 7591 §5 */
import type { Client } from './client.ts';

export type Registered = Pick<Client, 'registrationTokenHash'>;

/** Whether the client registered itself: only then it has a registration access token. RFC 7592 §3 */
export function isSelfRegistered({ registrationTokenHash }: Registered): boolean {
  return registrationTokenHash !== undefined;
}
