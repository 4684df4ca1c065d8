import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** RFC 4291 §2.5.5.2: ::ffff:0:0/96 */
const MAPPED_BITS = 96;

export type AddressRange = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Parses "10.0.0.0/8", "::1" or "192.0.2.7". Throws an Error that names the text where it is none of them. */
export function parseRange(text: string): AddressRange {
  try {
    // ipaddr.js reads 10/8 as 0.0.0.10/8, and 010.0.0.1 as 8.0.0.1.
    if (isIP(text.replace(/\/\d+$/, '')) === 0) throw new Error();
    if (text.includes('/')) return asIPv4(ipaddr.parseCIDR(text));
    const address = ipaddr.process(text);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  } catch {
    throw new Error(`"${text}" is neither an IP address nor a network such as 10.0.0.0/8`);
  }
}

/** As a socket that listens on [::] shows IPv4: the addresses that are compared with it are not written so. */
function asIPv4([address, bits]: AddressRange): AddressRange {
  const isMapped = address.kind() === 'ipv6' && (address as ipaddr.IPv6).isIPv4MappedAddress();
  return isMapped && bits >= MAPPED_BITS
    ? [(address as ipaddr.IPv6).toIPv4Address(), bits - MAPPED_BITS]
    : [address, bits];
}

/** Whether an address is in one of the ranges; an IPv4-mapped IPv6 address counts as its IPv4 address. */
export function isInRanges(address: string, ranges: readonly AddressRange[]): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return ranges.some(([network, bits]) => parsed.kind() === network.kind() && parsed.match(network, bits));
}

/** 127.0.0.0/8 or ::1. */
export function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';
}

/** Of a network of somebody's own. RFC 1918 §3, RFC 4193 */
export function isPrivate(address: string): boolean {
  return ipaddr.isValid(address) && ['private', 'uniqueLocal'].includes(ipaddr.process(address).range());
}

/** All of the IPv6 that is given out to anybody. RFC 4291 §2.4, IANA's registry of IPv6 address space */
const globalUnicast = ipaddr.parseCIDR('2000::/3');

/**
 * RFC 6890; no address that stands for another one (compatible, translated, tunnelled), as what it stands for may be
 * anybody's. An IPv4-mapped one counts as its IPv4 address.
 */
export function isPublic(address: string): boolean {
  // ::192.0.2.1, which ipaddr.js reads as a mapped one.
  if (!ipaddr.isValid(address) || /^::\d+\./.test(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || parsed.match(globalUnicast);
}

/** RFC 6052 §2.1: what an IPv4 address is called in a network of IPv6 alone. */
const translated = ipaddr.parseCIDR('64:ff9b::/96');

/** One bucket for a rate limit: an IPv4 address, translated or not, or the /64 that one subscriber of IPv6 has. */
export function addressBucket(address: string): string {
  if (!ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  const { parts } = parsed as ipaddr.IPv6;
  if (parsed.match(translated)) return ipaddr.fromByteArray(parsed.toByteArray().slice(-4)).toString();
  return `${parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}
