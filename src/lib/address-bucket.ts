/** What counts as one address where attempts are counted: an IPv4 address, or an IPv6 network. */
import ipaddr from 'ipaddr.js';

/** RFC 6052 §2.1: the prefix of IPv4 addresses in a network that has only IPv6. */
const translated = ipaddr.parseCIDR('64:ff9b::/96');

/** The key for a rate limit: an IPv4 address, translated or not, or the IPv6 /64 that one subscriber has. */
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
