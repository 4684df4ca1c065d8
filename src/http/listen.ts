/** Opens the listening sockets, and closes them without failing a request. */
import type { Server } from 'node:http';
import { createServer } from 'node:net';
import { ConfigurationError } from '../config/configuration-error.ts';
import type { Settings } from '../config/settings-schema.ts';
import type { App } from './app.ts';
import type { HttpContext } from './context.ts';
import { drain } from './graceful-stop.ts';
import { listenForMetrics } from './metrics-endpoint-and-listener.ts';
import { tlsOf } from './tls-options.ts';

export interface Listening {
  readonly host: string;
  readonly port: number;
  /** Stops readiness and new connections, finishes the requests in progress; resolves when all are done or after the time limit. */
  close(): Promise<void>;
}

/** Throws {@link ConfigurationError} where it cannot listen on an address. */
export async function listen(app: App, context: HttpContext): Promise<Listening> {
  const { listen: asked, metrics_listen } = context.settings;
  const { host, port } = asked;
  await app.fastify.listen({ host, port }).catch((error) => refuseAddress('listen', asked, error));
  const metrics = await listenForMetrics(context).catch(async (error) => {
    await app.fastify.close();
    return refuseAddress('metrics_listen', metrics_listen ?? asked, error);
  });
  const address = app.fastify.server.address();
  return {
    host,
    port: typeof address === 'object' && address !== null ? address.port : port,
    async close() {
      await drain(app.fastify, app.serverState, context.settings.drain_seconds * 1000);
      if (metrics) await stop(metrics);
    },
  };
}

/**
 * Checks, before anything is created, that a server can listen on its addresses. Throws {@link ConfigurationError}.
 */
export async function tryListening(settings: Settings): Promise<void> {
  tlsOf(settings);
  const { listen: asked, metrics_listen } = settings;
  await tryAddress(asked).catch((error) => refuseAddress('listen', asked, error));
  if (metrics_listen) {
    await tryAddress(metrics_listen).catch((error) => refuseAddress('metrics_listen', metrics_listen, error));
  }
}

function tryAddress({ host, port }: Settings['listen']): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen({ host, port }, () => probe.close(() => resolve()));
  });
}

const ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something listens there already; stop it, or write another port',
  EADDRNOTAVAIL: 'this machine has no such address; write one that it has, or 0.0.0.0 for all of them',
  ENOTFOUND: 'there is no such name; write an address of this machine, or 0.0.0.0 for all of them',
  EACCES:
    'this user may not listen there; write a port above 1023, put a proxy in front, or let systemd give the right to it ' +
    '(AmbientCapabilities=CAP_NET_BIND_SERVICE, docs/how-to/production.md)',
};

function refuseAddress(
  setting: string,
  { host, port }: { readonly host: string; readonly port: number },
  error: NodeJS.ErrnoException,
): never {
  const advice = ADVICE[error.code ?? ''] ?? 'write another address';
  throw new ConfigurationError(`cannot listen on ${host}:${port} (${setting}, ${error.code}): ${advice}`);
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
