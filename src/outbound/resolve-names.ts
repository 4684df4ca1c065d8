/**
 * Names to addresses, as getaddrinfo finds them in the machine's files and in the DNS, but without its threads: libuv has
 * four, and a name server that is slow to answer keeps one as long as it likes. Node's Resolver (c-ares) has sockets of
 * its own, and knows neither /etc/hosts nor search domains.
 */
import type { RecordWithTtl } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { createBoundedCache } from '../lib/bounded-cache.ts';
import { type Clock, systemClock } from '../lib/clock-and-random.ts';
import { hasElapsed } from '../lib/clock-comparison.ts';
import { type Bounds, createPlaces, NoPlaceError } from './concurrency-limits.ts';
import {
  followFile,
  type NameFiles,
  parseHosts,
  parseResolvConf,
  type ResolverSettings,
  systemFiles,
} from './resolver-files.ts';

/** RFC 1035 §2.3.4, without the root. */
const LONGEST_NAME = 253;
const REMEMBERED = 1000;
const REMEMBERED_BYTES = 8 * 1024 * 1024;
/** About. */
const ADDRESS_BYTES = 100;
const MOST_ADDRESSES = 32;
/** An answer is good for as long as it says, but no longer than this. */
const MOST_TTL_SECONDS = 30;
/** That there is none, or none to be had, is remembered too: a slow name is not asked for again and again. */
const NONE_MS = 5000;
/** Of one server; each has two tries. */
const QUERY = { timeout: 800, tries: 2 };
/** RFC 8305 §3 has 50 ms, between a browser and its resolver. */
const OTHER_FAMILY_MS = 300;
/** A lookup is two queries at a time. Who is answered within half a second is never pushed out. */
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
  /** At least one address, as the machine's files and its name servers say. Throws Error where there is none. */
  resolve(name: string): Promise<readonly Address[]>;
}

interface Found {
  readonly addresses: readonly Address[];
  readonly ttlSeconds: number;
}

/** `error` where there is none. */
interface Remembered {
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

/** Remembers at most 1,000 names, and reads hosts and resolv.conf again when they change. `options` are for tests. */
export function createNames(options: NamesOptions = {}): Names {
  const { clock = systemClock, files = systemFiles, bounds = nameBounds } = options;
  const hosts = followFile(files.hosts, parseHosts);
  const settings = followFile(files.resolvConf, parseResolvConf);
  const places = createPlaces(bounds);
  const remembered = createBoundedCache<Remembered>({
    entries: REMEMBERED,
    bytes: REMEMBERED_BYTES,
    bytesOf: ({ addresses }) => ADDRESS_BYTES * addresses.length,
  });
  const underWay = new Map<string, Promise<readonly Address[]>>();

  async function ask(name: string): Promise<readonly Address[]> {
    try {
      const found = await places.run(siteOf(name), (over) => search(name, settings(), over));
      remember(name, { ...found, error: undefined }, found.ttlSeconds * 1000);
      return found.addresses;
    } catch (cause) {
      const error = new Error(`${name} has no address that could be found (${codeOf(cause)})`, { cause });
      if (!(cause instanceof NoPlaceError)) remember(name, { addresses: [], error }, NONE_MS);
      throw error;
    } finally {
      underWay.delete(name);
    }
  }

  function remember(
    name: string,
    { addresses, error }: Pick<Remembered, 'addresses' | 'error'>,
    lastsMs: number,
  ): void {
    remembered.set(name, { addresses, error, atMs: clock.nowMs(), lastsMs });
  }

  return {
    async resolve(given) {
      const name = given.toLowerCase();
      const own = hosts().get(name) ?? loopbackOf(name);
      if (own) return own.map(toAddress);
      if (name.length > LONGEST_NAME) throw new Error('a name of more than 253 characters has no address');
      const known = remembered.get(name);
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

/** RFC 6761 §6.3: never a question to a name server. */
function loopbackOf(name: string): readonly string[] | undefined {
  return /(^|\.)localhost\.?$/.test(name) ? ['127.0.0.1', '::1'] : undefined;
}

function toAddress(address: string): Address {
  return { address, family: isIP(address) === 4 ? 4 : 6 };
}

/** Registries of countries that give names below groups such as co.uk. */
const GROUP = /^(ac|co|com|edu|go|gov|mil|ne|net|or|org)$/;

/** About what one party owns, however many names it makes up below it. */
export function siteOf(name: string): string {
  const labels = name.replace(/\.$/, '').split('.');
  const [group = '', last = ''] = labels.slice(-2);
  return labels.slice(last.length === 2 && GROUP.test(group) ? -3 : -2).join('.');
}

/** resolv.conf(5): in which order a name is looked for. */
export function candidatesOf(name: string, { search, ndots }: ResolverSettings): readonly string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const searched = search.map((domain) => `${name}.${domain}`).filter((one) => one.length <= LONGEST_NAME);
  const dots = name.split('.').length - 1;
  return dots >= ndots ? [name, ...searched] : [...searched, name];
}

/** These say that the next candidate may be there: as glibc's res_search. */
const GOES_ON = ['ENOTFOUND', 'ENODATA', 'ESERVFAIL'];

/** A channel of its own, so that it can be given up for good. */
async function search(name: string, settings: ResolverSettings, over: AbortSignal): Promise<Found> {
  const channel = new Resolver(QUERY);
  if (settings.servers.length > 0) channel.setServers(settings.servers);
  const giveUp = () => channel.cancel();
  over.addEventListener('abort', giveUp, { once: true });
  let last: unknown;
  for (const candidate of candidatesOf(name, settings)) {
    over.throwIfAborted();
    const found = await query(channel, candidate);
    if (!('error' in found)) return found;
    last = found.error;
    if (!GOES_ON.includes(codeOf(last))) break;
  }
  throw last;
}

async function query(channel: Resolver, name: string): Promise<Found | { readonly error: unknown }> {
  const [four, six] = await settleBoth(
    channel.resolve4(name, { ttl: true }),
    channel.resolve6(name, { ttl: true }),
    () => channel.cancel(),
  );
  const records = [four, six].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (records.length > 0) {
    return {
      addresses: records.slice(0, MOST_ADDRESSES).map(({ address }) => toAddress(address)),
      ttlSeconds: Math.min(MOST_TTL_SECONDS, ...records.map(({ ttl }) => ttl)),
    };
  }
  const errors = [four, six].flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
  // What came of neither is told before that there is none of the other.
  return { error: errors.find((error) => !GOES_ON.includes(codeOf(error))) ?? errors[0] ?? noData() };
}

type Settled = PromiseSettledResult<RecordWithTtl[]>;

/** The second is given up where it is late and the first gave something: some name servers drop questions for AAAA. */
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

/** c-ares is content with an alias that has no address. */
function noData(): Error {
  return Object.assign(new Error('it is an alias without an address'), { code: 'ENODATA' });
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
}
