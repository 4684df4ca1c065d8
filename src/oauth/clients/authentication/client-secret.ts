/** What the two secret methods share: comparing with every secret that is valid now. */
import { equalInConstantTime } from '../../../lib/constant-time.ts';
import { sha256 } from '../../../lib/hash.ts';
import { NOTHING_TO_SPEND } from '../../spend-once.ts';
import type { Client } from '../client.ts';
import { proven, unproven, type Verdict } from './verdict.ts';

const NO_SECRET = sha256('');

/** `secrets` are what was sent, as it may be meant. Takes the same time for an unknown client. */
export function checkSecret(client: Client | undefined, secrets: readonly string[], nowMs: number): Verdict {
  const presented = secrets.map(sha256);
  const valid = (client?.secretHashes ?? []).filter(
    ({ expiresAtMs }) => expiresAtMs === undefined || expiresAtMs > nowMs,
  );
  // Compared with something all the same.
  const hashes = valid.length > 0 ? valid.map(({ hash }) => hash) : [NO_SECRET];
  const isRight = presented.some((secret) => hashes.some((hash) => equalInConstantTime(secret, hash)));
  return client && isRight && valid.length > 0
    ? proven(client, NOTHING_TO_SPEND)
    : unproven('wrong_client_secret');
}
