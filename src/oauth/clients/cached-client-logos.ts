/** Logos of clients, fetched and handed on by us: a page that asks for a password loads nothing from elsewhere. */
import { type BoundedCache, createBoundedCache } from '../../lib/bounded-cache.ts';
import type { Clock } from '../../lib/clock-and-random.ts';
import type { Logger } from '../../lib/log.ts';
import { hasElapsed } from '../../lib/tolerate-clock-set-back.ts';
import type { Outbound } from '../../outbound/send-to-checked-address.ts';
import type { Client } from './client.ts';
import { isSelfRegistered } from './is-self-registered.ts';
import { apartFromSelfRegistered } from './separate-caches-for-self-registered.ts';

const REMEMBERED = { entries: 200, bytes: 16 * 1024 * 1024 };
const MAX_AGE_MS = 3_600_000;

/** One that could not be had is asked for again after this. */
const RETRY_MS = 60_000;

/** What raster images begin with, in hex. SVG is not among them: it is a document, with scripts, links and forms. */
const SIGNATURES: readonly (readonly [type: LogoType, pattern: RegExp])[] = [
  ['png', /^89504e470d0a1a0a/],
  ['jpeg', /^ffd8ff/],
  ['gif', /^47494638(?:37|39)61/],
  ['webp', /^52494646[0-9a-f]{8}57454250/],
];

const LONGEST_SIGNATURE = 12;

export type LogoType = 'png' | 'jpeg' | 'gif' | 'webp';

export interface Logo {
  /** As its first bytes say, whatever the client's server called it. */
  readonly type: LogoType;
  readonly body: Buffer;
}

export interface Logos {
  /** undefined where there is none to be had. */
  find(client: Pick<Client, 'metadata' | 'registrationTokenHash'>): Promise<Logo | undefined>;
}

interface Fetched {
  readonly logo: Promise<Logo | undefined>;
  readonly atMs: number;
  /** Once it is there. */
  readonly bytes: number;
}

/**
 * A logo is kept in memory for an hour, a failed fetch for a minute. Clients that registered themselves have a cache
 * apart, so they push out no others.
 */
export function createLogos(parts: { clock: Clock; log: Logger; outbound: Outbound }): Logos {
  const fetchedOf = apartFromSelfRegistered(() =>
    createBoundedCache<Fetched>({ ...REMEMBERED, bytesOf: ({ bytes }) => bytes }),
  );

  function fetchInto(
    fetched: BoundedCache<Fetched>,
    uri: string,
    selfRegistered: boolean,
  ): Promise<Logo | undefined> {
    const logo = fetchLogo(parts.outbound, uri, selfRegistered).catch((error: unknown) => {
      parts.log.warn({ logo_uri: uri, error: String(error) }, "a client's logo could not be had");
      return undefined;
    });
    const atMs = parts.clock.nowMs();
    fetched.set(uri, { logo, atMs, bytes: 0 });
    void logo.then((found) => fetched.set(uri, { logo, atMs, bytes: found?.body.length ?? 0 }));
    return logo;
  }

  return {
    async find(client) {
      const { logo_uri: uri } = client.metadata;
      if (uri === undefined) return undefined;
      const fetched = fetchedOf(client);
      const fetchAgain = () => fetchInto(fetched, uri, isSelfRegistered(client));
      const known = fetched.get(uri);
      if (!known) return fetchAgain();
      const nowMs = parts.clock.nowMs();
      const logo = await known.logo;
      const lastsMs = logo ? MAX_AGE_MS : RETRY_MS;
      return hasElapsed(known.atMs, lastsMs, nowMs) ? fetchAgain() : logo;
    },
  };
}

async function fetchLogo(outbound: Outbound, url: string, selfRegistered: boolean): Promise<Logo> {
  const { status, headers, body } = await outbound({ url, method: 'GET', accept: 'image/*', selfRegistered });
  const start = body.toString('hex', 0, LONGEST_SIGNATURE);
  const type = SIGNATURES.find(([, pattern]) => pattern.test(start))?.[0];
  if (status === 200 && type !== undefined) return { type, body };
  const named = (headers['content-type'] ?? '').slice(0, 100);
  throw new Error(`it answered ${status} with "${named}"; a logo is PNG, JPEG, GIF or WebP`);
}
