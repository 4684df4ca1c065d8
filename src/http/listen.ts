/** Opens the door, and closes it without a failed request. */
import type { Server } from 'node:http';
import type { App } from './app.ts';
import type { HttpContext } from './context.ts';
import { drain } from './drain.ts';
import { listenForMetrics } from './metrics.ts';

export interface Listening {
  readonly host: string;
  readonly port: number;
  /** Readiness off, no new connections, requests under way finish; resolves when all is done or time is up. */
  close(): Promise<void>;
}

/** Throws where an address cannot be had. */
export async function listen(app: App, context: HttpContext): Promise<Listening> {
  const { host, port } = context.settings.listen;
  await app.fastify.listen({ host, port });
  const metrics = await listenForMetrics(context).catch(async (error) => {
    await app.fastify.close();
    throw error;
  });
  const address = app.fastify.server.address();
  return {
    host,
    port: typeof address === 'object' && address !== null ? address.port : port,
    async close() {
      await drain(app.fastify, app.doors, context.settings.drain_seconds * 1000);
      if (metrics) await stop(metrics);
    },
  };
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
