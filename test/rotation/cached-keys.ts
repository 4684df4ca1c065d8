/** A resource server's view of the JWKS: remembered for exactly as long as Cache-Control says, and never asked sooner. */
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

export interface CachedKeys {
  current(): Promise<JWTVerifyGetKey>;
  fetches(): number;
}

export function createCachedKeys(jwks_uri: string): CachedKeys {
  let known: { keys: JWTVerifyGetKey; untilMs: number } | undefined;
  let underWay: Promise<JWTVerifyGetKey> | undefined;
  let fetches = 0;

  async function fetchKeys(): Promise<JWTVerifyGetKey> {
    fetches += 1;
    const response = await fetch(jwks_uri);
    // From when the answer came: the longest that a client may take it to be fresh.
    const untilMs = performance.now() + maxAgeMs(response);
    const keys = createLocalJWKSet((await response.json()) as JSONWebKeySet);
    known = { keys, untilMs };
    underWay = undefined;
    return keys;
  }

  return {
    async current() {
      if (known && performance.now() < known.untilMs) return known.keys;
      underWay ??= fetchKeys();
      return underWay;
    },
    fetches: () => fetches,
  };
}

function maxAgeMs(response: Response): number {
  const seconds = /max-age=(\d+)/.exec(response.headers.get('cache-control') ?? '')?.[1];
  if (seconds === undefined) throw new Error('/jwks does not say how long it may be remembered');
  return Number(seconds) * 1000;
}
