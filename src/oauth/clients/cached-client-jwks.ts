/** The public keys of clients: registered, or fetched from their jwks_uri. RFC 7591 §2, RFC 7517 */
import type { JWK } from 'jose';
import { z } from 'zod';
import { type BoundedCache, bytesOfJson, createBoundedCache } from '../../lib/bounded-cache.ts';
import type { Clock } from '../../lib/clock-and-random.ts';
import type { Logger } from '../../lib/log.ts';
import { type Refusal, refuse } from '../../lib/outcome.ts';
import { parseJsonBytes } from '../../lib/parse-untrusted-json.ts';
import { hasElapsed } from '../../lib/tolerate-clock-set-back.ts';
import type { Outbound } from '../../outbound/send-to-checked-address.ts';
import type { Client } from './client.ts';
import { isSelfRegistered } from './is-self-registered.ts';
import { MOST_KEYS, readKeys } from './public-key.ts';
import { apartFromSelfRegistered } from './separate-caches-for-self-registered.ts';

const SETS = { entries: 1000, bytes: 16 * 1024 * 1024, bytesOf: bytesOfJson };

/** More than the entries for sets: filling the cache of sets does not cause more fetches. */
const TRIES = { entries: 10_000, bytes: 8 * 1024 * 1024, bytesOf: () => 256 };

/** A key that the client withdrew is accepted for so long at most, while its jwks_uri answers. */
const MAX_AGE_MS = 600_000;

/** While its jwks_uri does not answer, the last set is used for so long, so that a short outage stops no sign-in. */
const LAST_GOOD_MS = 86_400_000;

/** At most one fetch in this time, for unknown kids and in an outage too, so that a sender of unknown kids cannot cause more. */
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

interface KeySet {
  readonly keys: readonly JWK[];
  readonly atMs: number;
}

interface Try {
  readonly atMs: number;
  /** Never fails. */
  readonly over: Promise<void>;
  /** It is over, and the set was remembered: where it is there no longer it had to make room. */
  found: boolean;
}

/** Fetched keys are kept in memory. Clients that registered themselves have a cache apart, so they push out no others. */
export function createClientKeys(parts: { clock: Clock; log: Logger; outbound: Outbound }): ClientKeys {
  const rememberedOf = apartFromSelfRegistered(() => ({
    sets: createBoundedCache<KeySet>(SETS),
    tries: createBoundedCache<Try>(TRIES),
  }));

  /** True where it could be read, and is remembered now. */
  async function fetchInto(
    sets: BoundedCache<KeySet>,
    uri: string,
    selfRegistered: boolean,
  ): Promise<boolean> {
    try {
      const keys = await fetchKeys(parts.outbound, uri, selfRegistered);
      sets.set(uri, { keys, atMs: parts.clock.nowMs() });
      return true;
    } catch (error) {
      parts.log.warn({ jwks_uri: uri, error: String(error) }, "a client's jwks_uri could not be read");
      return false;
    }
  }

  return {
    async of(source, wanted) {
      const { jwks, jwks_uri: uri } = source.metadata;
      if (uri === undefined) return jwks ? registeredKeys(jwks) : [];
      const { sets, tries } = rememberedOf(source);
      const nowMs = parts.clock.nowMs();
      let tried = tries.get(uri);
      if (!tried || isDue(tried, sets.get(uri), wanted, nowMs)) {
        tried = beginTry(nowMs, fetchInto(sets, uri, isSelfRegistered(source)));
        tries.set(uri, tried);
      }
      await tried.over;
      const good = sets.get(uri);
      return good && nowMs - good.atMs < LAST_GOOD_MS ? good.keys : away(tried, nowMs);
    },
  };
}

function beginTry(atMs: number, fetched: Promise<boolean>): Try {
  const over = fetched.then((found) => {
    begun.found = found;
  });
  const begun: Try = { atMs, over, found: false };
  return begun;
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

function isDue(tried: Try, good: KeySet | undefined, wanted: (key: JWK) => boolean, nowMs: number): boolean {
  if (!good && tried.found) return true;
  if (!hasElapsed(tried.atMs, REFRESH_MS, nowMs)) return false;
  return !good || hasElapsed(good.atMs, MAX_AGE_MS, nowMs) || !good.keys.some(wanted);
}

function away({ atMs }: Try, nowMs: number): KeysAway {
  const description = "the client's keys cannot be fetched from its jwks_uri now; try again";
  const retryAfterSeconds = Math.max(1, Math.ceil((atMs + REFRESH_MS - nowMs) / 1000));
  return { ...refuse('temporarily_unavailable', 'client_keys_away', description), retryAfterSeconds };
}

async function fetchKeys(outbound: Outbound, uri: string, selfRegistered: boolean): Promise<readonly JWK[]> {
  const request = { url: uri, method: 'GET', accept: 'application/json', selfRegistered } as const;
  const { status, body } = await outbound(request);
  if (status !== 200) throw new Error(`it answered ${status}`);
  return readKeys(keySetSchema.parse(parseJsonBytes(body)).keys);
}
