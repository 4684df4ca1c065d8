/** What the two secret methods share: comparing with every secret that is valid now. */
import { equalInConstantTime } from '../../../lib/constant-time.ts';
import { sha256 } from '../../../lib/hash.ts';
import type { Client } from '../client.ts';
import { type Unproven, unproven } from './method.ts';

const NO_SECRET = sha256('');

/** Takes the same time for an unknown client. */
export function checkSecret(client: Client | undefined, secret: string, nowMs: number): Unproven {
  const presented = sha256(secret);
  const valid = (client?.secretHashes ?? []).filter(
    ({ expiresAtMs }) => expiresAtMs === undefined || expiresAtMs > nowMs,
  );
  // Compared with something all the same.
  const hashes = valid.length > 0 ? valid.map(({ hash }) => hash) : [NO_SECRET];
  const isRight = hashes.some((hash) => equalInConstantTime(presented, hash)) && valid.length > 0;
  return isRight ? undefined : unproven('wrong_client_secret');
}
