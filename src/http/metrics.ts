/** /metrics: for this machine alone, or on a listener of its own. */
import { createServer, type Server } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isLoopback } from '../lib/ip.ts';
import type { HttpContext } from './context.ts';
import { noStore } from './headers.ts';

/** Answers direct requests from this machine; one that a proxy passed on is somebody else's. */
export function registerMetrics(app: FastifyInstance, context: HttpContext): void {
  if (context.settings.metrics_listen) return;
  app.get(`${context.settings.basePath}/metrics`, async (request, reply) => {
    if (!isDirectAndLocal(request)) return reply.callNotFound();
    return noStore(reply)
      .type(context.metrics.contentType)
      .send(await context.metrics.text());
  });
}

const PROXY_HEADERS = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
];

function isDirectAndLocal({ raw, headers }: FastifyRequest): boolean {
  const isForwarded = PROXY_HEADERS.some((name) => headers[name] !== undefined);
  return !isForwarded && isLoopback(raw.socket.remoteAddress ?? '');
}

/** The separate listener, where settings name one. */
export async function listenForMetrics(context: HttpContext): Promise<Server | undefined> {
  const address = context.settings.metrics_listen;
  if (!address) return undefined;
  const server = createServer(async (request, response) => {
    const found = request.method === 'GET' && request.url === '/metrics';
    response.writeHead(found ? 200 : 404, {
      'content-type': found ? context.metrics.contentType : 'text/plain',
    });
    response.end(found ? await context.metrics.text() : 'not found\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(address.port, address.host, resolve);
  });
  return server;
}
