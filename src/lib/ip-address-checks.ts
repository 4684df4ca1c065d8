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

/** An IPv4-mapped network (as a socket on [::] shows IPv4) as IPv4: the addresses compared with it are converted too. */
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

/** An address of a private network. RFC 1918 §3, RFC 4193 */
export function isPrivate(address: string): boolean {
  return ipaddr.isValid(address) && ['private', 'uniqueLocal'].includes(ipaddr.process(address).range());
}

/** The only IPv6 block from which public addresses are assigned. RFC 4291 §2.4, IANA's registry of IPv6 address space */
const globalUnicast = ipaddr.parseCIDR('2000::/3');

/**
 * Whether the address is globally reachable (RFC 6890). False for an address that embeds another one (compatible,
 * translated, tunnelled), as the embedded one may be private. An IPv4-mapped address counts as its IPv4 address.
 */
export function isPublic(address: string): boolean {
  // ::192.0.2.1, which ipaddr.js takes for an IPv4-mapped address.
  if (!ipaddr.isValid(address) || /^::\d+\./.test(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || parsed.match(globalUnicast);
}
