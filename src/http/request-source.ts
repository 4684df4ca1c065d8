import type { FastifyRequest } from 'fastify';
import type { RequestSource } from '../audit/request-source.ts';
import { clientAddress } from './client-address.ts';
import type { HttpContext } from './context.ts';

/** The client's address and user agent, and the request id, for audit, throttles and sessions. */
export function sourceOf(context: HttpContext, request: FastifyRequest): RequestSource {
  const peer = request.raw.socket.remoteAddress ?? '';
  return {
    address: clientAddress(peer, request.headers['x-forwarded-for'], context.settings.trusted_proxies),
    userAgent: request.headers['user-agent'] ?? '',
    requestId: request.id,
  };
}
