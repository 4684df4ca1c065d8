/** The client's address: the socket's, unless a proxy that the operator trusts tells another. RFC 9700 §4.13 */

import { isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { type AddressRange, isInRanges } from '../lib/ip.ts';

/** The right-most address in X-Forwarded-For that is not a trusted proxy's own. */
export function clientAddress(
  peer: string,
  forwardedFor: string | readonly string[] | undefined,
  trusted: readonly AddressRange[],
): string {
  if (forwardedFor === undefined || !isInRanges(peer, trusted)) return plainAddress(peer);
  for (const hop of hopsOf(forwardedFor).reverse()) {
    if (!ipaddr.isValid(hop)) return plainAddress(peer);
    if (!isInRanges(hop, trusted)) return plainAddress(hop);
  }
  return plainAddress(peer);
}

/** As they were written, the farthest first. */
export function hopsOf(forwardedFor: string | readonly string[] | undefined): string[] {
  if (forwardedFor === undefined) return [];
  return [forwardedFor]
    .flat()
    .join(',')
    .split(',')
    .map((hop) => hop.trim());
}

/** One text for one address. */
export function plainAddress(address: string): string {
  if (isIPv4(address)) return address;
  return ipaddr.isValid(address) ? ipaddr.process(address).toString() : 'unknown';
}
