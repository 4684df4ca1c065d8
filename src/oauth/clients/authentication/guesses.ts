/** Failed client authentication, counted exactly: per address, and per client and address. RFC 6749 §2.3.1, ASVS V6.3.1 */
import type { RequestSource } from '../../../audit/request-source.ts';
import type { Audit } from '../../../audit/write-in-transaction-or-batch.ts';
import { clientAddressPolicy, clientPolicy } from '../../../identity/attempts/throttle-policies.ts';
import { findPause, type Reservation, reserveAttempt } from '../../../identity/attempts/throttling.ts';
import { addressBucket } from '../../../lib/address-bucket.ts';
import type { Clock } from '../../../lib/clock-and-random.ts';
import { oneBatchAtATime } from '../../../lib/one-batch-at-a-time.ts';
import type { Reason } from '../../../lib/refusal-reason.ts';
import { sha256 } from '../../../lib/sha256-and-hmac.ts';
import type { Database, Tx } from '../../../storage/database.ts';

/**
 * T14, A050: guesses at an unknown client_id are counted as those at a registered one. However many are tried from one
 * address, no more counts than these are stored for it.
 */
const SLOTS = 64;

/** In one transaction, as guesses from one address would conflict in separate ones. */
const COUNTED_AT_ONCE = 20;

export interface Guess {
  /** As the request claims it. */
  readonly client_id: string;
  readonly isKnown: boolean;
  readonly reason: Reason;
  readonly source: RequestSource;
  /** What was compared. */
  readonly details?: Readonly<Record<string, string>>;
}

/** Counts one that failed; a pause where there were too many. */
export type CountGuess = (guess: Guess) => Promise<Reservation>;

export interface GuessParts {
  readonly clock: Clock;
  readonly db: Database;
  readonly audit: Audit;
}

/** A guess is an audit event in the commit that counts it; refusals of throttled requests are recorded as numbers. */
export function createGuesses(parts: GuessParts): CountGuess {
  const count = oneBatchAtATime(
    (guesses: readonly Guess[]) => parts.db.write((tx) => countEach(parts, tx, guesses)),
    COUNTED_AT_ONCE,
  );
  return async (guess) => {
    const outcome = (await findGuessPause(parts, guess)) ?? (await count(guess));
    if (!outcome.allowed) refusePaused(parts, guess);
    return outcome;
  };
}

function keysOf({ client_id, source }: Guess): { readonly address: string; readonly client: string } {
  const bucket = addressBucket(source.address);
  const slot = Buffer.from(sha256(client_id), 'base64url').readUInt8() % SLOTS;
  return { address: `client-address:${bucket}`, client: `client:${slot}:${bucket}` };
}

async function findGuessPause(parts: GuessParts, guess: Guess) {
  const { address, client } = keysOf(guess);
  return (await findPause(parts, parts.db, client)) ?? (await findPause(parts, parts.db, address));
}

async function countEach(parts: GuessParts, tx: Tx, guesses: readonly Guess[]): Promise<Reservation[]> {
  const outcomes: Reservation[] = [];
  for (const guess of guesses) outcomes.push(await countOne(parts, tx, guess));
  return outcomes;
}

async function countOne(parts: GuessParts, tx: Tx, guess: Guess): Promise<Reservation> {
  const { address, client } = keysOf(guess);
  // One statement where the client is under attack, and its guesses leave the address's count to others.
  const byClient = await reserveAttempt(parts, tx, client, clientPolicy);
  if (!byClient.allowed) return byClient;
  const outcome = await reserveAttempt(parts, tx, address, clientAddressPolicy);
  if (!outcome.allowed) return outcome;
  parts.audit.record(tx, eventOf(guess, guess.reason));
  return outcome;
}

function refusePaused({ audit }: GuessParts, guess: Guess): void {
  audit.refused(eventOf(guess, 'too_many_guesses'));
}

/** An unknown client_id may be the secret, where a configuration has the two swapped. */
function eventOf({ client_id, isKnown, source, details }: Guess, reason: Reason) {
  const type = 'client.authentication_failed' as const;
  return { type, reason, client_id: isKnown ? client_id : undefined, source, ...(details && { details }) };
}
