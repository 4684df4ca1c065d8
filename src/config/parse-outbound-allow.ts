/** The entries that the setting outbound_allow accepts. */
import { type AddressRange, parseRange } from '../lib/ip-address-checks.ts';

/** A host name as in a parsed URL: lower case and ASCII. Not an IPv4 address, in any notation. */
const HOST = /^(?!\d+(?:\.\d+){3}$)[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?$/;

/** A host name, or a range of addresses. Throws if the text is neither. */
export function parseAllowed(text: string): string | AddressRange {
  const host = hostOf(text);
  if (host !== undefined) return host;
  try {
    return parseRange(text.replace(/^\[(.*)\]$/, '$1'));
  } catch {
    throw new Error(
      `"${text}" is neither a host, such as intern.example, nor an address or a network, such as 10.0.0.0/8`,
    );
  }
}

/** undefined if the text has more than a host, such as a port or a path: it would never match. */
function hostOf(text: string): string | undefined {
  const url = `https://${text}`;
  if (!URL.canParse(url)) return undefined;
  const { href, hostname } = new URL(url);
  return href === `https://${hostname}/` && HOST.test(hostname) ? hostname : undefined;
}
