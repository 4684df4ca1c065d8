/** What a request tells of its way here, and whether that is believed. RFC 7239, RFC 9700 §4.13 */
import type { IncomingMessage } from 'node:http';
import { isInRanges, isPublic } from '../lib/ip.ts';
import type { HttpContext } from './context.ts';
import { clientAddress, hopsOf, plainAddress } from './proxy.ts';

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
}

export function wayOf(
  { settings }: Pick<HttpContext, 'settings'>,
  { socket, headers }: IncomingMessage,
): Way {
  const remote = socket.remoteAddress ?? '';
  const forwardedFor = headers['x-forwarded-for'];
  const address = clientAddress(remote, forwardedFor, settings.trusted_proxies);
  const isTrusted = isInRanges(remote, settings.trusted_proxies);
  const hops = isTrusted ? hopsOf(forwardedFor).map(plainAddress) : [];
  return {
    peer: plainAddress(remote),
    isTrusted,
    headers: FORWARDING.filter((name) => headers[name] !== undefined),
    address,
    before: hops.slice(0, Math.max(0, hops.lastIndexOf(address))),
  };
}

/**
 * Says once that forwarding headers come from a peer that is not trusted: everybody behind it has its address, and shares
 * one throttle. Once for the operator's own network and once for the world, from where anybody may send such a header.
 */
export function createForwardingWatch(context: HttpContext): (request: IncomingMessage) => void {
  const { settings, log } = context;
  const told = { private: false, public: false };
  return (request) => {
    if (told.private && told.public) return;
    const { headers, socket } = request;
    if (!FORWARDING.some((name) => headers[name] !== undefined)) return;
    const remote = socket.remoteAddress ?? '';
    const kind = isPublic(remote) ? 'public' : 'private';
    if (told[kind] || isInRanges(remote, settings.trusted_proxies)) return;
    told[kind] = true;
    const way = wayOf(context, request);
    log.warn({ peer: way.peer, headers: way.headers, setting: 'trusted_proxies' }, describeUntrusted(way));
  };
}

/** For the log and for doctor. */
export function describeUntrusted({ peer, headers }: Way): string {
  return (
    `${headers.join(', ')} came from ${peer}, which trusted_proxies does not name, so it is not believed: ` +
    'everybody behind it has its address, and shares one throttle'
  );
}
