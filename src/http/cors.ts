/** Cross-origin reads, by allowlist and never with credentials. draft-ietf-oauth-v2-1 §3.1, ASVS V3.4.2 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HttpContext } from './context.ts';

/** `public`: any origin may read. `clients`: the origins of registered redirect URIs. `none`: nobody. */
export type CorsRule = 'public' | 'clients' | 'none';

const PREFLIGHT_SECONDS = '600';

/** Resolves at once, without a promise, where nobody has to be asked. */
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
      // Libraries and tracing add headers of their own. The Fetch standard's * stands for all but Authorization where, as
      // here, no credentials are allowed; the two that are named besides are for browsers that do not know it.
      .header('access-control-allow-headers', 'authorization, content-type, mcp-protocol-version, *')
      .header('access-control-max-age', PREFLIGHT_SECONDS)
      .code(204)
      .send()
  );
}
