/** The machine's own name files, read again when they have changed. hosts(5), resolv.conf(5) */
import { closeSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { hostname } from 'node:os';

const MOST_BYTES = 1_048_576;
/** resolv.conf(5): MAXNS, and the maximum of ndots. */
const MOST_SERVERS = 3;
const MOST_NDOTS = 15;
const MOST_SEARCHED = 32;

export interface NameFiles {
  readonly hosts: string;
  readonly resolvConf: string;
}

export const systemFiles: NameFiles = { hosts: '/etc/hosts', resolvConf: '/etc/resolv.conf' };

export interface ResolverSettings {
  /** Empty: c-ares chooses. */
  readonly servers: readonly string[];
  readonly search: readonly string[];
  /** A name with fewer dots is tried in the search domains first. */
  readonly ndots: number;
}

/** The addresses of each name, in lower case. */
export type Hosts = ReadonlyMap<string, readonly string[]>;

/**
 * Returns a function that gives the current content of the file. It reads synchronously and not in a thread: all threads
 * may be occupied, and checking an unchanged file takes microseconds.
 */
export function followFile<Content>(file: string, parse: (text: string) => Content): () => Content {
  let seen: string | undefined;
  let content: Content | undefined;
  return () => {
    const stats = statsOf(file);
    const now = stats?.isFile() ? `${stats.dev} ${stats.ino} ${stats.mtimeMs} ${stats.size}` : '';
    if (content === undefined || seen !== now) {
      content = parse(now === '' ? '' : readStart(file));
      seen = now;
    }
    return content;
  };
}

function statsOf(file: string): Stats | undefined {
  try {
    return statSync(file);
  } catch {
    return undefined;
  }
}

/** The complete lines of the first MiB; an empty text where the file cannot be read. */
function readStart(file: string): string {
  const buffer = Buffer.alloc(MOST_BYTES);
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const bytes = readSync(descriptor, buffer);
    const text = buffer.toString('utf8', 0, bytes);
    return bytes < MOST_BYTES ? text : text.slice(0, text.lastIndexOf('\n') + 1);
  } catch {
    return '';
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Each line is an address and its names. */
export function parseHosts(text: string): Hosts {
  const hosts = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = wordsOf(line.split('#', 1)[0] ?? '');
    if (isIP(address) === 0) continue;
    for (const name of names.map((one) => one.toLowerCase())) {
      const known = hosts.get(name);
      if (!known) hosts.set(name, [address]);
      else if (!known.includes(address)) known.push(address);
    }
  }
  return hosts;
}

/** The last `search` or `domain` line applies; without one, the search domain is that of this machine's host name. */
export function parseResolvConf(text: string): ResolverSettings {
  const servers: string[] = [];
  let search = [hostname().split('.').slice(1).join('.')];
  let ndots = 1;
  for (const line of text.split('\n')) {
    const [word, ...values] = wordsOf(line);
    if (word === 'nameserver') servers.push(...values.slice(0, 1).filter(isServer));
    if (word === 'search') search = values;
    if (word === 'domain') search = values.slice(0, 1);
    if (word === 'options') ndots = ndotsOf(values) ?? ndots;
  }
  return {
    servers: servers.slice(0, MOST_SERVERS),
    search: search
      .map(withoutDots)
      .filter((domain) => domain !== '')
      .slice(0, MOST_SEARCHED),
    ndots,
  };
}

function wordsOf(line: string): string[] {
  return line.split(/[ \t\r]/).filter((word) => word !== '');
}

/** An address, or an address with a port, as c-ares accepts it. With a port out of range Node ends the process. */
function isServer(text: string): boolean {
  const [, six, four, port = '53'] = /^(?:\[([^\]]*)\]|([\d.]+)):(\d{1,5})$/.exec(text) ?? [];
  return isIP(six ?? four ?? text) !== 0 && Number(port) >= 1 && Number(port) <= 65_535;
}

function ndotsOf(options: readonly string[]): number | undefined {
  const [, digits] = options.map((option) => /^ndots:(\d{1,3})$/.exec(option)).findLast(Boolean) ?? [];
  return digits === undefined ? undefined : Math.min(Number(digits), MOST_NDOTS);
}

function withoutDots(domain: string): string {
  return domain.replace(/^\./, '').replace(/\.$/, '');
}
