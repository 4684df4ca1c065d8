/** What the setting outbound_allow may name. */
import { type AddressRange, parseRange } from '../lib/ip.ts';

/** As the host of a URL is compared: in small letters, and in ASCII. No IPv4 address, in whatever notation. */
const HOST = /^(?!\d+(?:\.\d+){3}$)[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?$/;

/** A host by its name, or addresses. Throws where the text is neither. */
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

/** undefined where there is more than a host, such as a port or a path, which would never be compared. */
function hostOf(text: string): string | undefined {
  const url = `https://${text}`;
  if (!URL.canParse(url)) return undefined;
  const { href, hostname } = new URL(url);
  return href === `https://${hostname}/` && HOST.test(hostname) ? hostname : undefined;
}
