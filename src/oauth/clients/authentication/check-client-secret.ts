/** What the methods that send the secret share: comparing with every secret that is valid now. */
import type { Client } from '../client.ts';
import { provenBySecret, type Verdict } from './prove-client-by-comparison.ts';

/** `presented` are what was sent, as it may be meant. Takes the same time for an unknown client. */
export function checkSecret(
  client: Client | undefined,
  presented: readonly string[],
  nowMs: number,
): Verdict {
  const hashes = client?.secrets.live(nowMs) ?? [];
  return provenBySecret(client, { presented, hashes, otherwise: 'wrong_client_secret' });
}
