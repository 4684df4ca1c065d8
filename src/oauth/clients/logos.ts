/** Logos of clients, fetched and handed on by us: a page that asks for a password loads nothing from elsewhere. */
import { createBoundedCache } from '../../lib/bounded-cache.ts';
import type { Clock, Logger } from '../../lib/runtime.ts';
import type { Outbound } from '../../outbound/send.ts';

const REMEMBERED = 200;
const REMEMBERED_BYTES = 16 * 1024 * 1024;
const MAX_AGE_MS = 3_600_000;
/** One that could not be had is asked for again after this. */
const RETRY_MS = 60_000;
const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/svg+xml'];

export interface Logo {
  readonly type: string;
  readonly body: Buffer;
}

export interface Logos {
  /** undefined where there is none to be had. */
  find(logo_uri: string): Promise<Logo | undefined>;
}

interface Fetched {
  readonly logo: Promise<Logo | undefined>;
  readonly atMs: number;
  /** Once it is there. */
  readonly bytes: number;
}

export function createLogos(parts: { clock: Clock; log: Logger; outbound: Outbound }): Logos {
  const fetched = createBoundedCache<Fetched>({
    entries: REMEMBERED,
    bytes: REMEMBERED_BYTES,
    bytesOf: ({ bytes }) => bytes,
  });

  function fetchAgain(uri: string): Promise<Logo | undefined> {
    const logo = fetchLogo(parts.outbound, uri).catch((error: unknown) => {
      parts.log.warn({ logo_uri: uri, error: String(error) }, "a client's logo could not be had");
      return undefined;
    });
    const atMs = parts.clock.nowMs();
    fetched.set(uri, { logo, atMs, bytes: 0 });
    void logo.then((found) => fetched.set(uri, { logo, atMs, bytes: found?.body.length ?? 0 }));
    return logo;
  }

  return {
    async find(uri) {
      const known = fetched.get(uri);
      if (!known) return fetchAgain(uri);
      const ageMs = parts.clock.nowMs() - known.atMs;
      const logo = await known.logo;
      return ageMs >= (logo ? MAX_AGE_MS : RETRY_MS) ? fetchAgain(uri) : logo;
    },
  };
}

async function fetchLogo(outbound: Outbound, uri: string): Promise<Logo> {
  const { status, headers, body } = await outbound({ url: uri, method: 'GET', accept: 'image/*' });
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (status !== 200 || !IMAGE_TYPES.includes(type)) throw new Error(`it answered ${status} with "${type}"`);
  return { type, body };
}
