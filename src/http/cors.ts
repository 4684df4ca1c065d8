/** Cross-origin reads, by allowlist and never with credentials. draft-ietf-oauth-v2-1 §3.1, ASVS V3.4.2 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HttpContext } from './context.ts';

/** `public`: any origin may read. `clients`: the origins of registered redirect URIs. `none`: no other origin. */
export type CorsRule = 'public' | 'clients' | 'none';

const PREFLIGHT_SECONDS = '600';

/** Sets the CORS headers. Gives a promise only where the clients' origins must be looked up. */
export function allowOrigin(
  context: HttpContext,
  rule: CorsRule,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> | undefined {
  const { origin } = request.headers;
  if (rule === 'public') reply.header('access-control-allow-origin', '*');
  if (rule !== 'clients') return undefined;
  reply.header('vary', 'origin');
  return origin === undefined ? undefined : allowClientOrigin(context, origin, reply);
}

async function allowClientOrigin(context: HttpContext, origin: string, reply: FastifyReply): Promise<void> {
  if (!(await context.clients.isOrigin(origin))) return;
  reply.header('access-control-allow-origin', origin);
  reply.header('access-control-expose-headers', 'www-authenticate');
}

/** The answer to OPTIONS. */
export function sendPreflight(reply: FastifyReply, methods: readonly string[]): FastifyReply {
  return (
    reply
      .header('access-control-allow-methods', methods.join(', '))
      // Libraries and tracing add headers of their own. In the Fetch standard * means all headers but Authorization where,
      // as here, no credentials are allowed; the other two are named for browsers that do not know *.
      .header('access-control-allow-headers', 'authorization, content-type, mcp-protocol-version, *')
      .header('access-control-max-age', PREFLIGHT_SECONDS)
      .code(204)
      .send()
  );
}
