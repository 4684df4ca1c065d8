/** What a request tells of its way here, and whether that is believed. RFC 7239, RFC 9700 §4.13 */
import type { IncomingMessage } from 'node:http';
import { isInRanges, isPublic } from '../lib/ip.ts';
import type { HttpContext } from './context.ts';
import { clientAddress, hopsOf, plainAddress, unreadHop } from './proxy.ts';

/** By which proxies tell for whom they ask; the first alone is read. */
const FORWARDING = ['x-forwarded-for', 'forwarded', 'x-real-ip'] as const;

export interface Way {
  /** Who holds the socket. */
  readonly peer: string;
  /** Whether trusted_proxies names it. */
  readonly isTrusted: boolean;
  readonly headers: readonly string[];
  /** Whose request it is taken for. */
  readonly address: string;
  /** What X-Forwarded-For names before that address. */
  readonly before: readonly string[];
  /** What a trusted proxy wrote where an address belongs. */
  readonly unread?: string | undefined;
}

const LONGEST_SHOWN = 60;

/** What the socket, the forwarding headers and trusted_proxies say about one request. `unread` is cut to 60 characters. */
export function wayOf(
  { settings }: Pick<HttpContext, 'settings'>,
  { socket, headers }: IncomingMessage,
): Way {
  const remote = socket.remoteAddress ?? '';
  const forwardedFor = headers['x-forwarded-for'];
  const address = clientAddress(remote, forwardedFor, settings.trusted_proxies);
  const isTrusted = isInRanges(remote, settings.trusted_proxies);
  const unread = unreadHop(remote, forwardedFor, settings.trusted_proxies);
  const hops = isTrusted ? hopsOf(forwardedFor).map(plainAddress) : [];
  return {
    peer: plainAddress(remote),
    isTrusted,
    headers: FORWARDING.filter((name) => headers[name] !== undefined),
    address,
    before: hops.slice(0, Math.max(0, hops.lastIndexOf(address))),
    ...(unread !== undefined && { unread: unread.slice(0, LONGEST_SHOWN) }),
  };
}

/**
 * Says once that forwarding headers come from a peer that is not trusted, or with no address in them: everybody behind it
 * has its address, and shares one throttle. Once for the operator's own network and once for the world, from where
 * anybody may send such a header, and once for what a proxy of ours writes.
 */
export function createForwardingWatch(context: HttpContext): (request: IncomingMessage) => void {
  const { settings, log } = context;
  const told = { private: false, public: false, trusted: false };

  function kindOf({
    headers,
    socket: { remoteAddress = '' },
  }: IncomingMessage): keyof typeof told | undefined {
    if (!isInRanges(remoteAddress, settings.trusted_proxies))
      return isPublic(remoteAddress) ? 'public' : 'private';
    const isUnread =
      unreadHop(remoteAddress, headers['x-forwarded-for'], settings.trusted_proxies) !== undefined;
    return isUnread ? 'trusted' : undefined;
  }

  return (request) => {
    if (told.private && told.public && told.trusted) return;
    if (!FORWARDING.some((name) => request.headers[name] !== undefined)) return;
    const kind = kindOf(request);
    if (kind === undefined || told[kind]) return;
    told[kind] = true;
    const way = wayOf(context, request);
    const description = kind === 'trusted' ? describeUnread(way) : describeUntrusted(way);
    log.warn({ peer: way.peer, headers: way.headers, setting: 'trusted_proxies' }, description);
  };
}

/** For the log and for doctor. */
export function describeUntrusted({ peer, headers }: Way): string {
  return (
    `${headers.join(', ')} came from ${peer}, which trusted_proxies does not name, so it is not believed: ` +
    'everybody behind it has its address, and shares one throttle'
  );
}

/** The same of a proxy that is trusted. What it wrote is not shown in the log: it may be a person's. */
export function describeUnread({ peer }: Way): string {
  return (
    `the proxy ${peer} wrote something else than an address into X-Forwarded-For: ` +
    'everybody behind it has its address, and shares one throttle'
  );
}
