/** Warns where a request's headers name a proxy that is not trusted, or are malformed. RFC 7239, RFC 9700 §4.13 */
import type { IncomingMessage } from 'node:http';
import { isInRanges, isPublic } from '../lib/ip-address-checks.ts';
import { malformedHop } from './client-address.ts';
import type { HttpContext } from './context.ts';
import {
  FORWARDING_HEADERS,
  type ForwardingDetails,
  forwardingDetails,
} from './forwarding-header-details.ts';

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
