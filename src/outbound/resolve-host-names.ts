/**
 * Resolves names to addresses, as getaddrinfo does from the machine's files and the DNS, but without its threads: libuv
 * has four, and a slow name server can occupy one without limit. Node's Resolver (c-ares) has sockets of its own, but
 * reads neither /etc/hosts nor search domains.
 */
import type { RecordWithTtl } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { createBoundedCache } from '../lib/bounded-cache.ts';
import { type Clock, systemClock } from '../lib/clock-and-random.ts';
import { hasElapsed } from '../lib/tolerate-clock-set-back.ts';
import { type Bounds, createSlots, NoSlotError } from './concurrency-limits.ts';
import {
  followFile,
  type NameFiles,
  parseHosts,
  parseResolvConf,
  type ResolverSettings,
  systemFiles,
} from './resolver-files.ts';

/** RFC 1035 §2.3.4, without the root label. */
const LONGEST_NAME = 253;
const CACHED = 1000;
const CACHED_BYTES = 8 * 1024 * 1024;
/** Approximate. */
const ADDRESS_BYTES = 100;
const MOST_ADDRESSES = 32;
/** An answer is cached for its TTL, but no longer than this. */
const MOST_TTL_SECONDS = 30;
/** A failure is cached too, so that a slow name is not queried again and again. */
const FAILURE_MS = 5000;
/** For one name server; each is tried twice. */
const QUERY = { timeout: 800, tries: 2 };
/** RFC 8305 §3 recommends 50 ms, between a browser and its resolver. */
const OTHER_FAMILY_MS = 300;
/** A lookup is two queries at a time. A lookup that is answered within half a second is never aborted for another. */
export const nameBounds: Bounds = {
  total: 128,
  each: 16,
  waitingEach: 256,
  waiting: 2048,
  fairMs: 500,
  limitMs: 2000,
};

export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

export interface Names {
  /** At least one address, from the machine's files or its name servers. Throws Error where there is none. */
  resolve(name: string): Promise<readonly Address[]>;
}

interface Found {
  readonly addresses: readonly Address[];
  readonly ttlSeconds: number;
}

/** `error` is set where there is no address. */
interface CachedLookup {
  readonly addresses: readonly Address[];
  readonly error: Error | undefined;
  readonly atMs: number;
  readonly lastsMs: number;
}

export interface NamesOptions {
  readonly clock?: Clock;
  readonly files?: NameFiles;
  readonly bounds?: Bounds;
}

/** Caches at most 1,000 names, and reads hosts and resolv.conf again when they change. `options` are for tests. */
export function createNames(options: NamesOptions = {}): Names {
  const { clock = systemClock, files = systemFiles, bounds = nameBounds } = options;
  const hosts = followFile(files.hosts, parseHosts);
  const settings = followFile(files.resolvConf, parseResolvConf);
  const slots = createSlots(bounds);
  const cache = createBoundedCache<CachedLookup>({
    entries: CACHED,
    bytes: CACHED_BYTES,
    bytesOf: ({ addresses }) => ADDRESS_BYTES * addresses.length,
  });
  const underWay = new Map<string, Promise<readonly Address[]>>();

  async function ask(name: string): Promise<readonly Address[]> {
    try {
      const found = await slots.run(siteOf(name), (signal) => search(name, settings(), signal));
      keep(name, { ...found, error: undefined }, found.ttlSeconds * 1000);
      return found.addresses;
    } catch (cause) {
      const error = new Error(`${name} has no address that could be found (${codeOf(cause)})`, { cause });
      if (!(cause instanceof NoSlotError)) keep(name, { addresses: [], error }, FAILURE_MS);
      throw error;
    } finally {
      underWay.delete(name);
    }
  }

  function keep(
    name: string,
    { addresses, error }: Pick<CachedLookup, 'addresses' | 'error'>,
    lastsMs: number,
  ): void {
    cache.set(name, { addresses, error, atMs: clock.nowMs(), lastsMs });
  }

  return {
    async resolve(given) {
      const name = given.toLowerCase();
      const own = hosts().get(name) ?? loopbackOf(name);
      if (own) return own.map(toAddress);
      if (name.length > LONGEST_NAME) throw new Error('a name of more than 253 characters has no address');
      const known = cache.get(name);
      if (known && !hasElapsed(known.atMs, known.lastsMs, clock.nowMs())) {
        if (known.error) throw known.error;
        return known.addresses;
      }
      const asked = underWay.get(name) ?? ask(name);
      underWay.set(name, asked);
      return asked;
    },
  };
}

/** RFC 6761 §6.3: localhost is never sent to a name server. */
function loopbackOf(name: string): readonly string[] | undefined {
  return /(^|\.)localhost\.?$/.test(name) ? ['127.0.0.1', '::1'] : undefined;
}

function toAddress(address: string): Address {
  return { address, family: isIP(address) === 4 ? 4 : 6 };
}

/** Second-level labels below which country registries register names, such as co.uk. */
const SECOND_LEVEL = /^(ac|co|com|edu|go|gov|mil|ne|net|or|org)$/;

/** Approximately the domain that one party owns: all names that it makes up below it share one key of the limits. */
export function siteOf(name: string): string {
  const labels = name.replace(/\.$/, '').split('.');
  const [second = '', last = ''] = labels.slice(-2);
  return labels.slice(last.length === 2 && SECOND_LEVEL.test(second) ? -3 : -2).join('.');
}

/** The names to query, in order. resolv.conf(5) */
export function candidatesOf(name: string, { search, ndots }: ResolverSettings): readonly string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const searched = search.map((domain) => `${name}.${domain}`).filter((one) => one.length <= LONGEST_NAME);
  const dots = name.split('.').length - 1;
  return dots >= ndots ? [name, ...searched] : [...searched, name];
}

/** Errors after which the next candidate is tried, as glibc's res_search does. */
const TRY_NEXT = ['ENOTFOUND', 'ENODATA', 'ESERVFAIL'];

/** Uses a resolver of its own, so that its queries can be cancelled. */
async function search(name: string, settings: ResolverSettings, signal: AbortSignal): Promise<Found> {
  const resolver = new Resolver(QUERY);
  if (settings.servers.length > 0) resolver.setServers(settings.servers);
  const giveUp = () => resolver.cancel();
  signal.addEventListener('abort', giveUp, { once: true });
  let last: unknown;
  for (const candidate of candidatesOf(name, settings)) {
    signal.throwIfAborted();
    const found = await query(resolver, candidate);
    if (!('error' in found)) return found;
    last = found.error;
    if (!TRY_NEXT.includes(codeOf(last))) break;
  }
  throw last;
}

async function query(resolver: Resolver, name: string): Promise<Found | { readonly error: unknown }> {
  const [four, six] = await settleBoth(
    resolver.resolve4(name, { ttl: true }),
    resolver.resolve6(name, { ttl: true }),
    () => resolver.cancel(),
  );
  const records = [four, six].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (records.length > 0) {
    return {
      addresses: records.slice(0, MOST_ADDRESSES).map(({ address }) => toAddress(address)),
      ttlSeconds: Math.min(MOST_TTL_SECONDS, ...records.map(({ ttl }) => ttl)),
    };
  }
  const errors = [four, six].flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
  // A failed query is reported rather than the absence of the other family.
  return { error: errors.find((error) => !TRY_NEXT.includes(codeOf(error))) ?? errors[0] ?? noData() };
}

type Settled = PromiseSettledResult<RecordWithTtl[]>;

/** Cancels the second query where it is late and the first found an address: some name servers drop queries for AAAA. */
async function settleBoth(
  four: Promise<RecordWithTtl[]>,
  six: Promise<RecordWithTtl[]>,
  giveUp: () => void,
): Promise<readonly [Settled, Settled]> {
  let late: NodeJS.Timeout | undefined;
  for (const answer of [four, six]) {
    answer.then(
      ({ length }) => {
        if (length > 0) late ??= setTimeout(giveUp, OTHER_FAMILY_MS);
      },
      () => {},
    );
  }
  const settled = await Promise.allSettled([four, six]);
  clearTimeout(late);
  return settled;
}

/** c-ares reports success for an alias that has no address. */
function noData(): Error {
  return Object.assign(new Error('it is an alias without an address'), { code: 'ENODATA' });
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
}
