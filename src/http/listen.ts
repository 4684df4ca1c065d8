/** Opens the door, and closes it without a failed request. */
import type { Server } from 'node:http';
import type { App } from './app.ts';
import type { HttpContext } from './context.ts';
import { listenForMetrics } from './metrics.ts';

/** For so long a stopping server still takes what comes, while each answer tells its client to go elsewhere. */
const SETTLE_MS = 250;

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
      await drain(app, context.settings.drain_seconds * 1000);
      if (metrics) await stop(metrics);
    },
  };
}

async function drain({ fastify, state }: App, limitMs: number): Promise<void> {
  state.draining = true;
  const deadline = setTimeout(() => fastify.server.closeAllConnections(), limitMs);
  // A keep-alive connection in use learns in time that it ends, so that no request is written into a closed one.
  if ((await countConnections(fastify.server)) > 0) {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  }
  await fastify.close();
  clearTimeout(deadline);
}

function countConnections(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
