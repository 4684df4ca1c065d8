/** What the headers of a proxy say of a request. */
import type { IncomingMessage } from 'node:http';
import { isInRanges } from '../lib/ip-address-checks.ts';
import { clientAddress, hopsOf, malformedHop, plainAddress } from './client-address.ts';
import type { HttpContext } from './context.ts';

/** Headers in which proxies name the client; only the first of them is read. */
export const FORWARDING_HEADERS = ['x-forwarded-for', 'forwarded', 'x-real-ip'] as const;

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
