/** What a request's headers say about the proxies before us, and whether that is trusted. RFC 7239, RFC 9700 §4.13 */
import type { IncomingMessage } from 'node:http';
import { isInRanges, isPublic } from '../lib/ip-address-checks.ts';
import { clientAddress, hopsOf, malformedHop, plainAddress } from './client-address.ts';
import type { HttpContext } from './context.ts';

/** Headers in which proxies name the client; only the first of them is read. */
const FORWARDING_HEADERS = ['x-forwarded-for', 'forwarded', 'x-real-ip'] as const;

export interface ForwardingDetails {
  /** The address of the socket's peer. */
  readonly peer: string;
  /** Whether trusted_proxies contains it. */
  readonly isTrusted: boolean;
  readonly headers: readonly string[];
  /** The address that the request is attributed to. */
  readonly address: string;
  /** The entries of X-Forwarded-For before that address. */
  readonly before: readonly string[];
  /** The text that a trusted proxy wrote in place of an address. */
  readonly unread?: string | undefined;
}

const LONGEST_SHOWN = 60;

/** What the socket, the forwarding headers and trusted_proxies say about one request. `unread` is cut to 60 characters. */
export function forwardingDetails(
  { settings }: Pick<HttpContext, 'settings'>,
  { socket, headers }: IncomingMessage,
): ForwardingDetails {
  const remote = socket.remoteAddress ?? '';
  const forwardedFor = headers['x-forwarded-for'];
  const address = clientAddress(remote, forwardedFor, settings.trusted_proxies);
  const isTrusted = isInRanges(remote, settings.trusted_proxies);
  const unread = malformedHop(remote, forwardedFor, settings.trusted_proxies);
  const hops = isTrusted ? hopsOf(forwardedFor).map(plainAddress) : [];
  return {
    peer: plainAddress(remote),
    isTrusted,
    headers: FORWARDING_HEADERS.filter((name) => headers[name] !== undefined),
    address,
    before: hops.slice(0, Math.max(0, hops.lastIndexOf(address))),
    ...(unread !== undefined && { unread: unread.slice(0, LONGEST_SHOWN) }),
  };
}

/**
 * Logs a warning when forwarding headers come from an untrusted peer, or hold no address: all users behind that peer have
 * its address, and share one throttle. Warns once for a peer in a private network, once for a public one, since any client
 * there may send such a header, and once for a trusted proxy.
 */
export function createForwardingWatch(context: HttpContext): (request: IncomingMessage) => void {
  const { settings, log } = context;
  const hasWarned = { private: false, public: false, trusted: false };

  function kindOf({
    headers,
    socket: { remoteAddress = '' },
  }: IncomingMessage): keyof typeof hasWarned | undefined {
    if (!isInRanges(remoteAddress, settings.trusted_proxies))
      return isPublic(remoteAddress) ? 'public' : 'private';
    const isMalformed =
      malformedHop(remoteAddress, headers['x-forwarded-for'], settings.trusted_proxies) !== undefined;
    return isMalformed ? 'trusted' : undefined;
  }

  return (request) => {
    if (hasWarned.private && hasWarned.public && hasWarned.trusted) return;
    if (!FORWARDING_HEADERS.some((name) => request.headers[name] !== undefined)) return;
    const kind = kindOf(request);
    if (kind === undefined || hasWarned[kind]) return;
    hasWarned[kind] = true;
    const details = forwardingDetails(context, request);
    const description = kind === 'trusted' ? describeMalformedHop(details) : describeUntrusted(details);
    log.warn({ peer: details.peer, headers: details.headers, setting: 'trusted_proxies' }, description);
  };
}

/** The warning for the log and for doctor. */
export function describeUntrusted({ peer, headers }: ForwardingDetails): string {
  return (
    `${headers.join(', ')} came from ${peer}, which trusted_proxies does not name, so it is not believed: ` +
    'everybody behind it has its address, and shares one throttle'
  );
}

/** The warning about a trusted proxy. What it wrote is not logged: it may be personal data. */
export function describeMalformedHop({ peer }: ForwardingDetails): string {
  return (
    `the proxy ${peer} wrote something else than an address into X-Forwarded-For: ` +
    'everybody behind it has its address, and shares one throttle'
  );
}
