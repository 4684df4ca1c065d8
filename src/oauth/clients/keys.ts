/** The public keys of clients: registered, or fetched from their jwks_uri. RFC 7591 §2, RFC 7517 */
import type { JWK } from 'jose';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { Clock, Logger } from '../../lib/runtime.ts';
import type { Outbound } from '../../outbound/send.ts';

const REMEMBERED_SETS = 1000;
/** A key that the client withdrew is good for so long at most. */
const MAX_AGE_MS = 600_000;
/** A kid that nobody knows asks for no more than this: whoever sends one cannot make us fetch. */
const REFRESH_MS = 60_000;
const MOST_KEYS = 100;

const keySetSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(MOST_KEYS) });

export interface KeySource {
  readonly jwks?: { readonly keys: readonly JWK[] } | undefined;
  readonly jwks_uri?: string | undefined;
}

export interface ClientKeys {
  /** The keys as they are known; none where they cannot be fetched. `kid` that is not among them fetches again. */
  of(source: KeySource, kid?: string): Promise<readonly JWK[]>;
}

interface Fetched {
  readonly keys: Promise<readonly JWK[]>;
  readonly atMs: number;
}

export function createClientKeys(parts: { clock: Clock; log: Logger; outbound: Outbound }): ClientKeys {
  const fetched = new LRUCache<string, Fetched>({ max: REMEMBERED_SETS });

  function fetchAgain(uri: string): Promise<readonly JWK[]> {
    const keys = fetchKeys(parts.outbound, uri).catch((error: unknown) => {
      parts.log.warn({ jwks_uri: uri, error: String(error) }, "a client's jwks_uri could not be read");
      return [];
    });
    fetched.set(uri, { keys, atMs: parts.clock.nowMs() });
    return keys;
  }

  return {
    async of({ jwks, jwks_uri }, kid) {
      if (jwks_uri === undefined) return jwks?.keys ?? [];
      const known = fetched.get(jwks_uri);
      const ageMs = known ? parts.clock.nowMs() - known.atMs : Number.POSITIVE_INFINITY;
      if (!known || ageMs >= MAX_AGE_MS) return fetchAgain(jwks_uri);
      const keys = await known.keys;
      const isKnown = kid === undefined ? keys.length > 0 : keys.some((key) => key.kid === kid);
      return isKnown || ageMs < REFRESH_MS ? keys : fetchAgain(jwks_uri);
    },
  };
}

async function fetchKeys(outbound: Outbound, uri: string): Promise<readonly JWK[]> {
  const { status, body } = await outbound({ url: uri, method: 'GET', accept: 'application/json' });
  if (status !== 200) throw new Error(`it answered ${status}`);
  return keySetSchema.parse(JSON.parse(body.toString('utf8'))).keys as JWK[];
}
