/** Opens the door, and closes it without a failed request. */
import type { App } from './app.ts';
import type { HttpContext } from './context.ts';
import { listenForMetrics } from './metrics.ts';

export interface Listening {
  readonly host: string;
  readonly port: number;
  /** Readiness off, no new connections, requests under way finish; resolves when all is done or time is up. */
  close(): Promise<void>;
}

/** Throws where the address cannot be had. */
export async function listen(app: App, context: HttpContext): Promise<Listening> {
  const { host, port } = context.settings.listen;
  const metrics = await listenForMetrics(context);
  await app.fastify.listen({ host, port });
  const address = app.fastify.server.address();
  return {
    host,
    port: typeof address === 'object' && address !== null ? address.port : port,
    async close() {
      app.state.draining = true;
      const { server } = app.fastify;
      const deadline = setTimeout(() => server.closeAllConnections(), context.settings.drain_seconds * 1000);
      const closed = app.fastify.close();
      server.closeIdleConnections();
      await closed;
      clearTimeout(deadline);
      metrics?.close();
    },
  };
}
