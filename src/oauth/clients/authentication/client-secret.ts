/** What the two secret methods share: comparing with every secret that is valid now. */
import { equalInConstantTime } from '../../../lib/constant-time.ts';
import { sha256 } from '../../../lib/hash.ts';
import type { Client } from '../client.ts';

const NO_SECRET = sha256('');

/** Takes the same time for an unknown client. */
export function isValidSecret(client: Client | undefined, secret: string, nowMs: number): boolean {
  const presented = sha256(secret);
  const valid = (client?.secretHashes ?? []).filter(
    ({ expiresAtMs }) => expiresAtMs === undefined || expiresAtMs > nowMs,
  );
  if (valid.length === 0) {
    equalInConstantTime(presented, NO_SECRET);
    return false;
  }
  return valid.some(({ hash }) => equalInConstantTime(presented, hash));
}
