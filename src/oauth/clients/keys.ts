/** The public keys of clients: registered, or fetched from their jwks_uri. RFC 7591 §2, RFC 7517 */
import type { JWK } from 'jose';
import { z } from 'zod';
import { bytesOfJson, createBoundedCache } from '../../lib/bounded-cache.ts';
import { isOver } from '../../lib/is-over.ts';
import { parseJsonBytes } from '../../lib/json-text.ts';
import { type Refusal, refuse } from '../../lib/outcome.ts';
import type { Clock, Logger } from '../../lib/runtime.ts';
import type { Outbound } from '../../outbound/send.ts';
import type { Client } from './client.ts';
import { MOST_KEYS, readKeys } from './public-key.ts';

const REMEMBERED_SETS = 1000;
const REMEMBERED_BYTES = 16 * 1024 * 1024;
/** A key that the client withdrew is good for so long at most, while its jwks_uri answers. */
const MAX_AGE_MS = 600_000;
/** While it does not, the last set goes on for so long: a short outage of the client's stops nobody. */
const LAST_GOOD_MS = 86_400_000;
/** A kid that nobody knows asks for no more than this: whoever sends one cannot make us fetch. Nor does an outage. */
const REFRESH_MS = 60_000;

const keySetSchema = z.object({ keys: z.array(z.unknown()).max(MOST_KEYS) });

interface KeyMetadata {
  readonly jwks?: { readonly keys: readonly JWK[] } | undefined;
  readonly jwks_uri?: string | undefined;
}

/** The client whose keys they are. */
export interface KeySource extends Pick<Client, 'registrationTokenHash'> {
  readonly metadata: KeyMetadata;
}

export type KeysAway = Refusal<'temporarily_unavailable'>;

export interface ClientKeys {
  /** The keys as they are known. Where none of them is `wanted` they are fetched again. */
  of(source: KeySource, wanted: (key: JWK) => boolean): Promise<readonly JWK[] | KeysAway>;
}

interface Remembered {
  /** On its way or over; it never fails. */
  attempt: Promise<void>;
  triedAtMs: number;
  good: { readonly keys: readonly JWK[]; readonly atMs: number } | undefined;
}

export function createClientKeys(parts: { clock: Clock; log: Logger; outbound: Outbound }): ClientKeys {
  const remembered = createBoundedCache<Remembered>({
    entries: REMEMBERED_SETS,
    bytes: REMEMBERED_BYTES,
    bytesOf: ({ good }) => bytesOfJson(good),
  });

  async function fetchInto(known: Remembered, uri: string, selfRegistered: boolean): Promise<void> {
    try {
      const keys = await fetchKeys(parts.outbound, uri, selfRegistered);
      known.good = { keys, atMs: parts.clock.nowMs() };
      // Again, now that its size is known.
      remembered.set(keyOf(uri, selfRegistered), known);
    } catch (error) {
      parts.log.warn({ jwks_uri: uri, error: String(error) }, "a client's jwks_uri could not be read");
    }
  }

  return {
    async of({ metadata: { jwks, jwks_uri }, registrationTokenHash }, wanted) {
      if (jwks_uri === undefined) return jwks ? registeredKeys(jwks) : [];
      const selfRegistered = registrationTokenHash !== undefined;
      let known = remembered.get(keyOf(jwks_uri, selfRegistered));
      if (!known) {
        known = { attempt: Promise.resolve(), triedAtMs: Number.NEGATIVE_INFINITY, good: undefined };
        remembered.set(keyOf(jwks_uri, selfRegistered), known);
      }
      const nowMs = parts.clock.nowMs();
      if (isDue(known, wanted, nowMs)) {
        known.triedAtMs = nowMs;
        known.attempt = fetchInto(known, jwks_uri, selfRegistered);
      }
      await known.attempt;
      return known.good && nowMs - known.good.atMs < LAST_GOOD_MS ? known.good.keys : away(known, nowMs);
    },
  };
}

/** A stranger may name the jwks_uri of anybody: when it was tried for that one says nothing of the other. */
function keyOf(uri: string, selfRegistered: boolean): string {
  return `${selfRegistered} ${uri}`;
}

const registered = new WeakMap<NonNullable<KeyMetadata['jwks']>, readonly JWK[]>();

/** A set may have been registered before there were bounds. */
function registeredKeys(jwks: NonNullable<KeyMetadata['jwks']>): readonly JWK[] {
  const known = registered.get(jwks);
  if (known) return known;
  const keys = readKeys(jwks.keys.slice(0, MOST_KEYS));
  registered.set(jwks, keys);
  return keys;
}

function isDue({ triedAtMs, good }: Remembered, wanted: (key: JWK) => boolean, nowMs: number): boolean {
  if (!isOver(triedAtMs, REFRESH_MS, nowMs)) return false;
  return !good || isOver(good.atMs, MAX_AGE_MS, nowMs) || !good.keys.some(wanted);
}

function away({ triedAtMs }: Remembered, nowMs: number): KeysAway {
  const description = "the client's keys cannot be fetched from its jwks_uri now; try again";
  const retryAfterSeconds = Math.max(1, Math.ceil((triedAtMs + REFRESH_MS - nowMs) / 1000));
  return { ...refuse('temporarily_unavailable', 'client_keys_away', description), retryAfterSeconds };
}

async function fetchKeys(outbound: Outbound, uri: string, selfRegistered: boolean): Promise<readonly JWK[]> {
  const request = { url: uri, method: 'GET', accept: 'application/json', selfRegistered } as const;
  const { status, body } = await outbound(request);
  if (status !== 200) throw new Error(`it answered ${status}`);
  return readKeys(keySetSchema.parse(parseJsonBytes(body)).keys);
}
